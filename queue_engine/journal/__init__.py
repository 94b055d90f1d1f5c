"""What is kept: records and their snapshots, and a vault for what may not be in them."""
