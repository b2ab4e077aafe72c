"""The program around the emulated services: arguments, state folder, processes and the HTTP server."""
