"""`bot.py run`, telling the moment at which its imports ended. Run by `first_claim`, as a process of its own."""

import sys
import time

import bot

if __name__ == "__main__":
    print(f"imports ended {time.time()}", flush=True)
    sys.exit(bot.main(["run"]))
