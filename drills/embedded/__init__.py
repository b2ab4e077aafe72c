"""The embedded AWS as a drill starts it, deploys into it and controls it."""
