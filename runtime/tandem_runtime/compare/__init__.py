"""`compare`, the function that says where the two Regions' ledgers differ."""
