"""What happened: commands, events, the state they make, and the function that decides. Pure."""
