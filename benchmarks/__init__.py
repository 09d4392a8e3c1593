"""What the bot costs and how fast it is, beside a straightforward bot that does the same: `python -m benchmarks`.

Everything runs on loopback: the real `bot.py` as its own process, a fake Discord, the MiniMax simulator. The machine's
speed is in every figure, so read the ratios. One module for each benchmark; `__main__` has the table of them.
"""
