"""What is asked before a deployment and before a failover, so that neither stops half way."""
