"""The `tandem` command: its words and its exit statuses."""
