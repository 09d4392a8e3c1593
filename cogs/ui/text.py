"""Other people's words made fit to be shown: cleaned, cut to length, markdown and mentions inert.

Pure functions over strings.
"""

from __future__ import annotations

import re
from typing import Final

import discord

from jobs.prompt import clean_prompt

# Marks that mean something anywhere, and those that do at a line's start (Discord, Markdown Text 101). Stricter than
# `discord.utils.escape_markdown`, which leaves lists, small print, timestamps and command links alive.
_MARKS: Final = re.compile(r"[\\*_~|`<\[\]]|^\s*(?:(?:-#|#{1,3}|[-+])(?=\s)|\d+(?=\.\s)|>)", re.MULTILINE)
_SLUG_GAPS: Final = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH: Final = 40


def cut(text: str, limit: int) -> str:
    """The text, with an ellipsis for its end where it has more than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip("\u200d ") + "…"


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
    """The text on one line, ready for markdown; `limit` counts characters before escaping."""
    return inert(one_line(text, limit))


def quoted(text: str, limit: int) -> str:
    """The text on one line as a quotation, ready for markdown; `limit` counts characters before escaping."""
    return f"> {shown(text, limit)}"


def slug(text: str) -> str:
    """A few words of the text for a file's name: ASCII letters, digits and `_` only; `video` where it has none.

    Discord rewrites other characters, and a reference to the attachment then breaks (Discord docs, Uploading Files).
    """
    words = _SLUG_GAPS.sub("_", text.lower()).strip("_")
    return words[:_SLUG_LENGTH].strip("_") or "video"
