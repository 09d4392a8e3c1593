"""Other people's words made fit to be shown: cleaned, cut to length, markdown and mentions inert, their direction their own.

Pure functions over strings.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import discord

from jobs.prompt import clean_prompt

# Marks that mean something anywhere, and those that do at a line's start (Discord, Markdown Text 101). Stricter than
# `discord.utils.escape_markdown`, which leaves lists, small print, timestamps, command links and addresses alive: a plain
# message of ours would show a page of anybody's choice below it.
_MARKS: Final = re.compile(r"[\\*_~|`<\[\]]|:(?=//)|^\s*(?:(?:-#|#{1,3}|[-+])(?=\s)|\d+(?=\.\s)|>)", re.MULTILINE)
_SLUG_GAPS: Final = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH: Final = 40

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_FIRST_STRONG_ISOLATE: Final = "\u2068"
_POP_ISOLATE: Final = "\u2069"

_JOINER: Final = "\u200d"
_BEFORE_ELLIPSIS: Final = f"{_JOINER} ,;:，、；："  # noqa: RUF001 - Chinese marks too
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
_LONGEST_WORD: Final = 20
_LONGEST_GLYPH: Final = 24
"""Characters looked back over for the start of one visible sign; a family of emoji has about a dozen."""


def cut(text: str, limit: int) -> str:
    """The text, with an ellipsis for its end where it has more than `limit` characters.

    It ends after a whole word where one ends near by, and never within a visible sign.
    """
    if len(text) <= limit:
        return text
    end = limit - 1
    word = text.rfind(" ", max(1, end - _LONGEST_WORD), limit)
    whole = (at for at in range(end, max(0, end - _LONGEST_GLYPH), -1) if not _continues(text, at))
    return text[: word if word > 0 else next(whole, end)].rstrip(_BEFORE_ELLIPSIS) + "…"


def _continues(text: str, at: int) -> bool:
    """Whether the character here belongs to the sign that begins before it (an accent, half a flag, part of an emoji)."""
    here = text[at]
    if unicodedata.category(here).startswith("M") or ord(here) in _SKIN_TONES or _JOINER in (here, text[at - 1]):
        return True
    letters = 0
    while ord(text[at]) in _FLAG_LETTERS and letters < at and ord(text[at - 1 - letters]) in _FLAG_LETTERS:
        letters += 1
    return letters % 2 == 1


def isolated(text: str) -> str:
    """The text so that its direction neither follows nor upsets that of the line it stands in.

    Only where it has letters that run from right to left: everything else goes well with our own words. A client that
    takes a line's direction from its first letter skips what is isolated (Unicode Standard Annex 9, rules P2 and X5c).
    """
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def inert(text: str) -> str:
    """The text with everything escaped that Discord would format, link or turn into a mention."""
    return discord.utils.escape_mentions(_MARKS.sub(_disarmed, text))


def _disarmed(match: re.Match[str]) -> str:
    found = match.group()
    # A backslash before a digit would be shown; before the dot after it, it is not.
    return found + "\\" if found[-1].isdigit() else found[: -len(found.lstrip())] + "\\" + found.lstrip()


def one_line(text: str, limit: int) -> str:
    """Plain words on one line, for places without markdown: choices, alt texts, file names."""
    return cut(" ".join(clean_prompt(text).split()), limit)


def shown(text: str, limit: int) -> str:
    """The text on one line, ready for markdown among our own words; `limit` counts characters before escaping."""
    return isolated(inert(one_line(text, limit)))


def quoted(text: str, limit: int) -> str:
    """The text on one line as a quotation, ready for markdown; `limit` counts characters before escaping."""
    return f"> {shown(text, limit)}"


def slug(text: str) -> str:
    """A few words of the text for a file's name: ASCII letters, digits and `_` only; `video` where it has none.

    Discord rewrites other characters, and a reference to the attachment then breaks (Discord docs, Uploading Files).
    """
    words = _SLUG_GAPS.sub("_", text.lower()).strip("_")
    return words[:_SLUG_LENGTH].strip("_") or "video"
