"""Everything that goes wrong in a soak: tables of weights by name, and how each is brought about.

The weights keep most videos deliverable: what only ever fails tells little about what is lost or sent twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from demo.simulator import faults
from tests.wire import crash_points
from tests.wire.crash_points import Place
from tests.wire.fake_discord import MIB, Call, Moment, Permission, Recorded
from tests.wire.studio import Order, Studio

T = TypeVar("T")
Weighted = Mapping[T, float]
"""What to draw from, and how often each is drawn beside the others."""

Wanted = Callable[[Recorded], bool]

PROVIDER: Final[Weighted[str]] = {
    # Refused: nothing is paid.
    "create=code:1026": 4,
    "create=code:1027": 1,
    "create=code:2013": 1,
    "create=code:4711": 1,
    # Throttled, or something that only an operator can mend: everybody waits.
    "create=code:1002": 3,
    "create=code:1039": 1,
    "create=code:1041": 2,
    "create=code:2045": 1,
    "create=http:429,times=2": 1,
    "create=code:1004": 1,
    "create=code:1008": 1,
    # The answer is lost, and nothing was taken.
    "create=reset": 2,
    "create=drop": 1,
    "create=http:500": 2,
    "create=text": 1,
    "create=code:1000": 1,
    # The answer is lost, and the task was taken and paid.
    "accepted=reset": 3,
    "accepted=drop": 1,
    "accepted=http:502": 2,
    "accepted=text": 1,
    "accepted=no-task-id": 1,
    "accepted=slow:1.5": 3,
    # The task's own fate.
    "task=fail:1026": 2,
    "task=fail:1027": 2,
    "task=fail:0": 2,
    "task=delay:queueing:4": 3,
    # What is pushed, where anything is.
    "challenge=lost": 2,
    "challenge=skip": 1,
    "push=lost,times=3": 3,
    "push=late:3,times=3": 3,
    "push=repeat:3,times=3": 2,
    "push=disorder,times=2": 2,
    # What must be got over.
    "query=http:503,times=2": 3,
    "query=reset,times=2": 3,
    "query=drop": 2,
    "query=text": 2,
    "query=code:1000": 2,
    "query=code:1002": 2,
    "query=code:1004": 1,
    "query=code:2013": 2,
    "query=status:Dreaming": 2,
    "query=lower": 2,
    "query=no-file-id,times=3": 4,
    "query=number-id": 2,
    "query=slow:1": 2,
    "retrieve=http:502": 3,
    "retrieve=reset": 3,
    "retrieve=no-url": 2,
    "retrieve=string-id": 2,
    "retrieve=code:1039": 2,
    "retrieve=code:2013": 2,
    "delete=reset": 2,
    "download=truncate:1000,times=2": 4,
    "download=reset": 4,
    "download=http:500": 3,
    "download=expired": 3,
    "download=type:text/html": 2,
    "download=slow:1.5": 6,
}
"""Switches of the simulator, each set for one prompt."""


def _answered(call: Call, status: int, *, after_effect: bool, of: Callable[[str], Wanted]) -> "Mishap":
    return lambda studio, prompt: studio.discord.faults.answer(
        call, status, after_effect=after_effect, where=of(prompt)
    )


def _reset(call: Call, *, after_effect: bool, of: Callable[[str], Wanted]) -> "Mishap":
    return lambda studio, prompt: studio.discord.faults.reset(call, after_effect=after_effect, where=of(prompt))


def _limited(call: Call, seconds: float, of: Callable[[str], Wanted]) -> "Mishap":
    return lambda studio, prompt: studio.discord.faults.rate_limit(call, seconds, where=of(prompt), times=2)


def _over_the_write_limit(studio: Studio, prompt: str) -> None:
    body = {
        "message": "The write action you are performing on the channel has hit the write rate limit.",
        "code": 20028,
    }
    studio.discord.faults.answer(Call.CREATE_MESSAGE, 429, body, where=video(prompt))


def _refused(call: Call, code: int, of: Callable[[str], Wanted]) -> "Mishap":
    return lambda studio, prompt: studio.discord.faults.refuse(call, code, where=of(prompt))


def anything(prompt: str) -> Wanted:
    """Any request that names the prompt."""
    return lambda one: prompt in str(one.json)


def video(prompt: str) -> Wanted:
    """A request that posts the video, or the link to it, and not a card."""
    return lambda one: prompt in str(one.json) and "### " not in str(one.json)


def last_card(prompt: str) -> Wanted:
    """A request that shows the good end on the card."""
    return lambda one: prompt in str(one.json) and "### Done" in str(one.json)


Mishap = Callable[[Studio, str], None]
"""Lays something in the way of the wish with this prompt."""

TOO_LARGE: Final = "post too large"
_POST: Final = Call.CREATE_MESSAGE

DISCORD_MISHAPS: Final[Mapping[str, tuple[float, Mishap]]] = {
    "acknowledgement reset, never arrived": (2, _reset(Call.RESPOND, after_effect=False, of=anything)),
    "acknowledgement reset, arrived": (2, _reset(Call.RESPOND, after_effect=True, of=anything)),
    "acknowledgement 502, never arrived": (1, _answered(Call.RESPOND, 502, after_effect=False, of=anything)),
    "acknowledgement 502, arrived": (1, _answered(Call.RESPOND, 502, after_effect=True, of=anything)),
    "card edit reset": (2, _reset(Call.EDIT_MESSAGE, after_effect=False, of=anything)),
    "card edit 502, arrived": (2, _answered(Call.EDIT_MESSAGE, 502, after_effect=True, of=anything)),
    "last card edit reset": (2, _reset(Call.EDIT_MESSAGE, after_effect=False, of=last_card)),
    "card edit 429": (2, _limited(Call.EDIT_MESSAGE, 0.4, anything)),
    "post 502, never arrived": (3, _answered(_POST, 502, after_effect=False, of=video)),
    "post 502, arrived": (5, _answered(_POST, 502, after_effect=True, of=video)),
    "post 503, arrived": (2, _answered(_POST, 503, after_effect=True, of=video)),
    "post reset, never arrived": (3, _reset(_POST, after_effect=False, of=video)),
    "post reset, arrived": (6, _reset(_POST, after_effect=True, of=video)),
    "post 429": (3, _limited(_POST, 0.4, video)),
    "post over the channel's write limit": (2, _over_the_write_limit),
    TOO_LARGE: (2, _refused(_POST, 40005, video)),
    "post not permitted": (1, _refused(_POST, 50013, video)),
}
DISCORD: Final[Weighted[str]] = {name: weight for name, (weight, _) in DISCORD_MISHAPS.items()}
"""What goes wrong at Discord with one video."""

# --- what people do ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A wish that has its card.

    Attributes:
        order: The command.
        studio: Everything around the bot.
    """

    order: Order
    studio: Studio


async def _cancel(asked: Asked) -> None:
    for card in asked.order.cards:
        for button in card.buttons:
            if str(button.get("custom_id", "")).startswith("video:cancel:") and not button.get("disabled"):
                await asked.studio.discord.press(card, asked.order.interaction.user, button["custom_id"])
                return


async def _echo(asked: Asked) -> None:
    await asked.studio.discord.redeliver(asked.order.interaction)


async def _delete_card(asked: Asked) -> None:
    for card in asked.order.cards:
        card.deleted = True


async def _delete_place(asked: Asked) -> None:
    if asked.order.place.id in asked.studio.discord.world.channels:
        await asked.studio.discord.delete_channel(asked.order.place)


async def _forbid_files(asked: Asked) -> None:
    asked.order.place.app_permissions &= ~Permission.ATTACH_FILES


async def _forbid_sight(asked: Asked) -> None:
    asked.order.place.app_permissions &= ~Permission.VIEW_CHANNEL


async def _lock(asked: Asked) -> None:
    asked.order.place.refuses = 160005


Deed = Callable[[Asked], Awaitable[None]]

DEEDS: Final[Mapping[str, Deed]] = {
    "cancels": _cancel,
    "is delivered again": _echo,
    "deletes the card": _delete_card,
    "deletes the place": _delete_place,
    "forbids files": _forbid_files,
    "forbids sight": _forbid_sight,
    "locks the place": _lock,
}
"""What people do once they see the card."""

MEDDLING: Final[Weighted[str]] = {"cancels": 6, "is delivered again": 4, "deletes the card": 2}
FATES: Final[Weighted[str]] = {"deletes the place": 5, "forbids files": 2, "forbids sight": 1, "locks the place": 2}
"""What happens to a place of a wish's own: done to others' places it would spare them their own mishaps."""


# --- what goes wrong for everybody -------------------------------------------------------------------------------


async def _provider_down(studio: Studio) -> None:
    await studio.host.down()
    try:
        await asyncio.sleep(0.6)
    finally:
        await studio.host.up()


async def _database_locked(studio: Studio) -> None:
    lock = await asyncio.to_thread(studio.database.lock)
    try:
        await asyncio.sleep(1.2)
    finally:
        lock.close()


async def _list_stumbles(studio: Studio) -> None:
    studio.simulator.faults.add("list=http:503,times=2", "list=reset,times=2")


async def _line_cut(studio: Studio) -> None:
    studio.discord.gateway.cut()


async def _line_closed(studio: Studio) -> None:
    await studio.discord.gateway.close()


async def _asked_to_reconnect(studio: Studio) -> None:
    await studio.discord.gateway.ask_to_reconnect()


async def _sessions_forgotten(studio: Studio) -> None:
    await studio.discord.gateway.forget_sessions()


async def _discord_stumbles(studio: Studio) -> None:
    for call in (Call.CREATE_MESSAGE, Call.EDIT_MESSAGE, Call.HISTORY):
        studio.discord.faults.answer(call, 502, times=2)


async def _history_unreachable(studio: Studio) -> None:
    studio.discord.faults.reset(Call.HISTORY, times=3)


Happening = Callable[[Studio], Awaitable[None]]

HAPPENINGS: Final[Mapping[str, tuple[float, Happening]]] = {
    "the provider is down": (4, _provider_down),
    "the provider's list stumbles": (2, _list_stumbles),
    "the database is locked": (4, _database_locked),
    "the gateway's line is cut": (2, _line_cut),
    "the gateway closes": (2, _line_closed),
    "the gateway asks to reconnect": (1, _asked_to_reconnect),
    "the gateway forgets its sessions": (1, _sessions_forgotten),
    "Discord stumbles": (3, _discord_stumbles),
    "no history": (2, _history_unreachable),
}
TROUBLES: Final[Weighted[str]] = {name: weight for name, (weight, _) in HAPPENINGS.items()}

# --- where a life ends -------------------------------------------------------------------------------------------

ENDING_POINTS: Final[Mapping[str, tuple[float, Place]]] = {
    "acknowledgement not yet there": (1, crash_points.discord(Call.RESPOND, Moment.BEFORE_EFFECT)),
    "acknowledged": (1, crash_points.discord(Call.RESPOND, Moment.AFTER_EFFECT)),
    "create not yet taken": (2, crash_points.provider(faults.CREATE)),
    "create taken": (3, crash_points.provider(faults.ACCEPTED)),
    "query": (1, crash_points.provider(faults.QUERY)),
    "retrieve": (1, crash_points.provider(faults.RETRIEVE)),
    "download begun": (1, crash_points.provider(faults.DOWNLOAD)),
    "download under way": (1, crash_points.provider(faults.DOWNLOAD, byte=4096)),
    "upload under way": (
        3,
        crash_points.discord(Call.CREATE_MESSAGE, Moment.UPLOADING, says=".mp4", after_bytes=MIB // 4),
    ),
    "upload complete": (4, crash_points.discord(Call.CREATE_MESSAGE, Moment.BEFORE_EFFECT, says=".mp4")),
    "posted": (5, crash_points.discord(Call.CREATE_MESSAGE, Moment.AFTER_EFFECT, says=".mp4")),
    "looking for the post": (2, crash_points.looking_back(Moment.AFTER_EFFECT)),
    "card edited": (1, crash_points.discord(Call.EDIT_MESSAGE, Moment.AFTER_EFFECT)),
    "last edit of the card": (1, crash_points.discord(Call.EDIT_MESSAGE, Moment.BEFORE_EFFECT, says="### Done")),
}
POINTS: Final[Weighted[str]] = {name: weight for name, (weight, _) in ENDING_POINTS.items()}
