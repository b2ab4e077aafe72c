"""AWS Fault Injection Service: experiment templates, experiments, and what their actions do to the embedded AWS."""
