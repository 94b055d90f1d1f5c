"""Where objects meet: the engine, its edges and its files become one running service."""
