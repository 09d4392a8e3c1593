"""What the world may ask of us over HTTP: the provider's pushes, and whether we are well. Knows the heart only."""
