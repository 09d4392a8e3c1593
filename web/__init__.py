"""What the world may ask of us over HTTP: pushes, pages of videos, whether we are well. Knows the heart and the texts only."""
