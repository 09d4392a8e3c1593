"""Tests of the demo and of the simulator behind it."""
