"""The wire tier: our real program as its own process, against fakes that answer real loopback sockets."""
