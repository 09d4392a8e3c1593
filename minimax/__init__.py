"""The provider: MiniMax (Hailuo) over HTTP. Knows the ports of the heart, and nothing of Discord or SQL."""
