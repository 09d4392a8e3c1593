"""The soak: hundreds of videos while the bot is killed again and again, all of it drawn from one seed.

A program (``python -m tests.soak --seed 1``), not a test; `test_soak.py` runs a small one.
"""
