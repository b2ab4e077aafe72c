"""Aurora: global databases as PostgreSQL servers with standbys, behind TLS that checks IAM tokens."""
