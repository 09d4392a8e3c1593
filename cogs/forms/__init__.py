"""Forms that people fill in: opened, taken, and opened again where what was sent with them is refused.

A form keeps no state but its id and what is typed into it; what it is about is in the store. So one that was opened
before a restart is taken all the same; discord.py by itself would drop it.
"""

from .opening import next_part, open_about, open_draft, open_edit, open_empty, open_extend
from .taking import submitted

__all__ = [
    "next_part",
    "open_about",
    "open_draft",
    "open_edit",
    "open_empty",
    "open_extend",
    "submitted",
]
