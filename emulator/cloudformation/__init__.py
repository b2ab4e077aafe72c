"""CloudFormation: resource types, what was read of a template, and stacks that end settled."""
