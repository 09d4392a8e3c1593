"""What people come back to: their videos, their favourites, what they had begun to type, and what they wish.

Knows the rules (who may see what, for how long), not how anything is shown or stored.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from .errors import DraftGone, NotYourJob, UnknownJob
from .model import Derivation, Draft, Job
from .ports import Clock, Found, JobStore, KeptDraft, Library, Wanted

DRAFT_LIFE: Final = 86400.0
"""Seconds for which what somebody has begun is kept: as long as Discord's links to its files live."""

_KEY_BYTES: Final = 9


def new_draft_key() -> str:
    """A name for a draft: 12 url-safe characters that nobody guesses."""
    return secrets.token_urlsafe(_KEY_BYTES)


class LibraryService:
    """The actions, over the ports.

    Args:
        store: Where jobs are kept.
        library: Where everything else is.
        clock: The time.
        new_key: The source of drafts' names.
    """

    def __init__(
        self, *, store: JobStore, library: Library, clock: Clock, new_key: Callable[[], str] = new_draft_key
    ) -> None:
        self._store = store
        self._library = library
        self._clock = clock
        self._new_key = new_key

    async def history(self, user_id: int, wanted: Wanted, *, page: int, size: int) -> Found:
        """One page of a person's videos; the last one where there are fewer.

        Args:
            user_id: Whose.
            wanted: Which.
            page: Its number, 0 for the first.
            size: How many are on a page.
        """
        found = await self._library.history(user_id, wanted, offset=page * size, limit=size)
        if found.jobs or not found.total:
            return found
        return await self._library.history(user_id, wanted, offset=(found.total - 1) // size * size, limit=size)

    async def toggle_favourite(self, job_id: str, *, user_id: int) -> tuple[Job, bool]:
        """Makes a video a favourite of this person, or no longer one.

        Anybody who sees a video may keep it as a favourite; a private one only whoever asked for it.

        Returns:
            The job, and whether it is one now.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: It is somebody else's private one.
        """
        job = await self._store.get(job_id)
        if job is None:
            raise UnknownJob(job_id)
        if job.origin.private and job.origin.user_id != user_id:
            raise NotYourJob
        return job, await self._library.toggle_favourite(user_id, job_id, now=self._clock.now())

    async def keep_draft(
        self, draft: Draft, *, user_id: int, derivation: Derivation | None = None, private: bool = False
    ) -> KeptDraft:
        """Keeps what somebody has begun, for a form or for a second try.

        Args:
            draft: What is asked for so far.
            user_id: Whose it is.
            derivation: The video it comes from.
            private: Whether only they may see the result.
        """
        kept = KeptDraft(
            key=self._new_key(),
            user_id=user_id,
            draft=draft,
            derivation=derivation,
            private=private,
            kept_at=self._clock.now(),
        )
        await self._library.keep_draft(kept)
        return kept

    async def draft(self, key: str, *, user_id: int) -> KeptDraft:
        """What this person had begun.

        Raises:
            DraftGone: It was kept for `DRAFT_LIFE`, and no longer.
            NotYourJob: Somebody else began it.
        """
        kept = await self._library.draft(key)
        if kept is None or self._clock.now() - kept.kept_at > DRAFT_LIFE:
            raise DraftGone
        if kept.user_id != user_id:
            raise NotYourJob
        return kept

    async def wants_note(self, user_id: int) -> bool:
        """Whether this person wants a direct message, too, when a video of theirs is in the channel."""
        return await self._library.wants_note(user_id)

    async def set_note(self, user_id: int, *, wanted: bool) -> None:
        """Remembers whether they do."""
        await self._library.set_note(user_id, wanted=wanted)
