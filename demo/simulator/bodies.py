"""Reading what a request carries."""

import json
from typing import Any


def parse(content: bytes) -> Any:
    """The JSON of a body; None if it is none."""
    try:
        return json.loads(content)
    except ValueError:
        return None


def as_id(digits: object) -> int:
    """An id that comes as a number or as its digits; -1 for what is neither."""
    if isinstance(digits, int) and not isinstance(digits, bool):
        return digits
    return int(digits) if isinstance(digits, str) and digits.isascii() and digits.isdecimal() else -1
