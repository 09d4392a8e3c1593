"""What becomes of a prompt before anybody reads it: pure text work.

MiniMax refuses prompts with more than 10 % invisible characters (code 1042), and Discord's readers should never meet
a control or a direction override somebody hid in one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ZERO_WIDTH_NON_JOINER: Final = "\u200c"
_ZERO_WIDTH_JOINER: Final = "\u200d"
_JOINERS: Final = frozenset({_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER})
_UNSENDABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MOST_INVISIBLE: Final = 0.1


def clean_prompt(text: str) -> str:
    """The prompt without anything a reader cannot see.

    Controls, direction overrides, zero-width and unassigned characters go; line breaks stay. Joiners stay where they
    hold an emoji or a letter form together, unless there are so many that the provider would refuse the text.

    Args:
        text: As the person typed it.

    Returns:
        The text to send and to show; empty if nothing visible is left.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\u2028", "\n")
    kept = "".join(c for c in lines if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _UNSENDABLE)
    kept = _tidy(kept)
    # Counted after the white space is gone, which would hide how many there are.
    if sum(c in _JOINERS for c in kept) > _MOST_INVISIBLE * len(kept):
        kept = _tidy("".join(c for c in kept if c not in _JOINERS))
    return kept


def _tidy(text: str) -> str:
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip().strip("".join(_JOINERS)).strip()
