"""What commands and buttons share: the service, what can be chosen, the texts, and the rules of the house."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jobs.library import LibraryService
from jobs.model import Draft, Money, Role
from jobs.ports import FetchFile, InputRules
from jobs.service import JobService
from locales import Texts, Translate

from .access import Doors
from .ui.models import ModelTable


class Choice(Protocol):
    """One value of an option that fits the others, and what such a video costs."""

    @property
    def value(self) -> str:
        """The value, as the option takes it."""
        ...

    @property
    def resolution(self) -> str:
        """The resolution it would have."""
        ...

    @property
    def duration(self) -> int:
        """The length in seconds it would have."""
        ...

    @property
    def price(self) -> Money:
        """Of one such video."""
        ...


class Choices(Protocol):
    """What fits the options already typed; the catalog knows."""

    @property
    def camera_moves(self) -> Sequence[str]:
        """Every camera move there is, by its English name."""
        ...

    def choices(self, option: str, draft: Draft) -> Sequence[Choice]:
        """Every value of `option` that fits the others in the draft, the one taken by itself first."""
        ...

    def table(self) -> ModelTable:
        """Everything on offer, with its price."""
        ...

    def input_rules(self, model: str, role: Role) -> InputRules:
        """What files this model takes in this role."""
        ...


class CommandLinks:
    """How to mention a command so that a click types it.

    Args:
        ids: Discord's ids of the top-level commands by name, once they are known.
    """

    def __init__(self, ids: Mapping[str, int] | None = None) -> None:
        self._ids = dict(ids or {})

    def learn(self, ids: Mapping[str, int]) -> None:
        """Remembers the ids that registering the commands gave."""
        self._ids.update(ids)

    def video(self, name: str, t: Translate) -> str:
        """A mention of `/video <name>`: a link where its id is known, else its name as this reader's client shows it."""
        command_id = self._ids.get("video")
        if command_id is None:
            return f"`/video {t(f'command.{name}.name')}`"
        return f"</video {name}:{command_id}>"


def new_incident() -> str:
    """A short name for something that went wrong, to be found in the log."""
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What commands and buttons share.

    Args:
        service: What people can do.
        library: What they come back to.
        choices: What they can choose.
        texts: All languages.
        doors: Where the bot may be used.
        fetch_file: Brings files from Discord.
        folder: Where such files lie for a moment; what a crash leaves there goes with it.
        unpublish: Takes a video back from the web server, by the secret part of its page's address.
        upload_limit: Bytes a file may have where nothing better is known.
        files_kept_days: How long people's files are kept after the video has ended.
        patience: Seconds an answer may take before Discord is told to wait (it gives up after three).
        sleep: Waits for some seconds.
        incident: Names something that went wrong.
        links: How commands are mentioned.
    """

    service: JobService
    library: LibraryService
    choices: Choices
    texts: Texts
    doors: Doors
    fetch_file: FetchFile
    folder: Path
    unpublish: Callable[[str], Awaitable[None]]
    upload_limit: int
    files_kept_days: int = 7
    patience: float = 1.0
    sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep
    incident: Callable[[], str] = new_incident
    links: CommandLinks = field(default_factory=CommandLinks)

    def alarm(self) -> Coroutine[Any, Any, None]:
        """Goes off when somebody has waited long enough for an answer."""
        return self.sleep(self.patience)
