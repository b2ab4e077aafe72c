"""What more than one function uses; it knows no function."""
