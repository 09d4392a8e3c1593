"""What people come back to: their history, their favourites, what they had begun to type, and what they wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jobs.model import Derivation, Draft, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of a person's videos are looked for.

    Args:
        search: Words the prompt has in it, in any case; empty for all.
        model: The provider's name of the model; None for all.
        favourites: Whether their favourites are meant, whoever asked for them, instead of what they asked for.
    """

    search: str = ""
    model: str | None = None
    favourites: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was looked for.

    Args:
        jobs: Newest first; favourites by when they became one.
        total: How many there are on all pages.
    """

    jobs: Sequence[Job]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraft:
    """What somebody has begun, kept while a form is open or until it can be sent.

    Args:
        key: Its name; short and url-safe, for a form's or a button's id.
        user_id: Whose it is.
        draft: What is asked for so far.
        derivation: The video it comes from.
        private: Whether only they may see the result.
        kept_at: Since when, epoch seconds.
    """

    key: str
    user_id: int
    draft: Draft
    derivation: Derivation | None = None
    private: bool = False
    kept_at: float = 0.0


class Library(Protocol):
    """Keeps what people come back to. Every method is one transaction of its own."""

    async def history(self, user_id: int, wanted: Wanted, *, offset: int, limit: int) -> Found:
        """One page of a person's videos."""
        ...

    async def toggle_favourite(self, user_id: int, job_id: str, *, now: float) -> bool:
        """Makes a video a favourite, or no longer one; returns whether it is one now."""
        ...

    async def keep_draft(self, kept: KeptDraft) -> None:
        """Keeps what somebody has begun, in place of one of the same key."""
        ...

    async def draft(self, key: str) -> KeptDraft | None:
        """What was kept under this key, if it still is."""
        ...

    async def drop_drafts(self, *, kept_before: float) -> int:
        """Forgets what was begun before the given time; returns how many there were."""
        ...

    async def wants_note(self, user_id: int) -> bool:
        """Whether this person wants a direct message, too, when a video of theirs is in the channel."""
        ...

    async def set_note(self, user_id: int, *, wanted: bool) -> None:
        """Remembers whether they do."""
        ...
