"""`domain`, the function that does for a stage with a domain what CloudFormation cannot do."""
