"""Files on their way: finished videos between the provider and Discord."""
