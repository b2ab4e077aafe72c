"""`takeover`, the function that moves the takeover switch and tells how it stands."""
