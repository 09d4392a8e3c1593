"""What can be wrong with a database in a way that only an operator can mend.

Passing faults (locked, full, out of reach) are `jobs.errors.StoreUnavailable`, because the heart must know them.
"""

from __future__ import annotations

from jobs.errors import BotError


class UnusableDatabase(BotError):
    """The database cannot be worked with as it is; the message is one sentence an operator can act on."""
