"""What works on the whole app after it is composed: rule packs and the logs of CDK's providers."""
