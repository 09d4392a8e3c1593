"""Files on their way: people's to the provider, finished videos to Discord."""
