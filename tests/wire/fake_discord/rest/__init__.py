"""The REST calls, by noun. Each handler takes an ``Incoming`` and returns a ``Reply`` or raises ``DiscordError``."""
