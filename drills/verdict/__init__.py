"""What a drill is judged by: its checks and the objectives that its figures are held to."""
