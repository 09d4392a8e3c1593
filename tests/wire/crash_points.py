"""Where a bot can be ended: every state of a job, on both sides of every effect. Data, and the ways to stop there.

No hook in the product: the fakes hold a request, or the database refuses to be written, and the bot stands at that point.
A point concerns the one order with its prompt, so that several can be reached in one process.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Protocol

from demo.simulator import faults, holds
from tests.wire.fake_discord import MIB, Call, Hold, Moment, Recorded
from tests.wire.studio import Order, Studio

PATIENCE = 15.0


class Stop(Protocol):
    """One request that stands still until the test lets it go."""

    async def reached(self, order: Order) -> None:
        """Wait until it stands here."""
        ...

    def release(self) -> None:
        """Let it go on and take effect, be its sender alive or dead."""
        ...

    def drop(self) -> None:
        """Let it vanish; what has had its effect keeps it."""
        ...


Place = Callable[[Studio, str], Stop]
"""Puts a stop in the way of the order with this prompt, before it is made."""


@dataclass
class AtDiscord:
    """A request to Discord."""

    hold: Hold

    async def reached(self, order: Order) -> None:
        """Wait for it."""
        del order
        await self.hold.reached(PATIENCE)

    def release(self) -> None:
        """Let it go on."""
        self.hold.release()

    def drop(self) -> None:
        """Let it vanish."""
        self.hold.drop()


@dataclass
class AtProvider:
    """A request to the provider."""

    studio: Studio
    hold: holds.Hold

    async def reached(self, order: Order) -> None:
        """Wait for it."""
        del order
        async with asyncio.timeout(PATIENCE):
            await self.hold.reached()

    def release(self) -> None:
        """Let it go on."""
        self.hold.release()

    def drop(self) -> None:
        """Let it vanish; only a create would have an effect."""
        if self.hold.point == faults.CREATE:
            self.studio.simulator.faults.add(faults.Fault(faults.CREATE, "reset", prompt=self.hold.prompt))
        self.hold.release()


@dataclass
class Unwritten:
    """An answer of the provider that has arrived, and that the bot cannot write down."""

    studio: Studio
    hold: holds.Hold
    logged: str
    _lock: ExitStack = field(default_factory=ExitStack)

    async def reached(self, order: Order) -> None:
        """Wait for the request, lock the database, let the answer through, and wait for its line in the log."""
        async with asyncio.timeout(PATIENCE):
            await self.hold.reached()
        self._lock.enter_context(closing(self.studio.database.lock()))
        self.hold.release()
        await self.studio.bot.printed(f"{self.logged}.*job={order.job_id}")

    def release(self) -> None:
        """Give the database back."""
        self._lock.close()

    drop = release


@dataclass
class Waiting:
    """No request at all: the job waits in the queue because the provider refuses the key just then."""

    studio: Studio
    prompt: str

    def __post_init__(self) -> None:
        self.studio.simulator.faults.add(faults.Fault(faults.CREATE, "code", "1004", prompt=self.prompt))

    async def reached(self, order: Order) -> None:
        """Wait until the job is back in the queue."""
        await order.says("does not accept this bot's key", within=PATIENCE)

    def release(self) -> None:
        """Do nothing: the provider takes the key from the second time on."""

    drop = release


def discord(call: Call, moment: Moment, *, says: str = "", after_bytes: int = 1) -> Place:
    """A request to Discord whose JSON says something beside the prompt."""

    def place(studio: Studio, prompt: str) -> Stop:
        return AtDiscord(
            studio.discord.faults.hold(
                call,
                moment,
                where=lambda one: prompt in str(one.json) and says in str(one.json),
                after_bytes=after_bytes,
            )
        )

    return place


def card_of_our_own(moment: Moment) -> Place:
    """The card that the engine posts in the channel where the acknowledgement failed."""

    def place(studio: Studio, prompt: str) -> Stop:
        studio.discord.faults.reset(Call.RESPOND, where=lambda one: prompt in str(one.json))
        return discord(Call.CREATE_MESSAGE, moment, says="### ")(studio, prompt)

    return place


def provider(point: str, *, byte: int | None = None) -> Place:
    """A request to the provider; `byte` is where a download stands."""
    return lambda studio, prompt: AtProvider(studio, studio.simulator.holds.place(point, prompt=prompt, byte=byte))


def unwritten(point: str, logged: str) -> Place:
    """An answer of the provider that cannot be written down; `logged` is the line that tells of its arrival."""
    return lambda studio, prompt: Unwritten(studio, studio.simulator.holds.place(point, prompt=prompt), logged)


def pinging(moment: Moment) -> Place:
    """The message below an answer that has become the video: it names nobody but the person to ping."""

    def place(studio: Studio, prompt: str) -> Stop:
        journal = studio.discord.journal

        def about_it(one: Recorded) -> bool:
            edits = journal.of(Call.EDIT_ORIGINAL, lambda edit: edit.params == one.params and prompt in str(edit.json))
            return bool(edits)

        return AtDiscord(studio.discord.faults.hold(Call.FOLLOWUP, moment, where=about_it))

    return place


def looking_back(moment: Moment) -> Place:
    """The look at a channel's history, by which a bot that was ended finds what it has posted."""

    def place(studio: Studio, prompt: str) -> Stop:
        # The request names only the channel: the one in which the card of this prompt stands.
        channels = {
            channel.id
            for channel in studio.discord.world.channels.values()
            if any(prompt in message.text for message in channel.timeline)
        }
        return AtDiscord(studio.discord.faults.hold(Call.HISTORY, moment, where=lambda one: one.channel_id in channels))

    return place


@dataclass(frozen=True, kw_only=True)
class Point:
    """One place to end the bot.

    Attributes:
        where: In words.
        at: What stands still there.
        rendering: Whether the engine must be kept waiting for the video meanwhile, until the card is in its place.
        late: Whether the request takes effect all the same, after the bot's end.
        ends: How the job ends after a restart.
        paid: How often it is paid for.
        uploads: How often the video is sent to Discord in all.
        alone: Whether reaching it would stop other jobs of the same process too.
    """

    where: str
    at: Place
    rendering: bool = False
    late: bool = False
    ends: str = "Done"
    paid: int = 1
    uploads: int = 1
    alone: bool = False


RENDERING = provider(faults.QUERY)


def let_go(stops: dict[Point, list[Stop]]) -> None:
    """Let what was held happen after the bot's end, or not."""
    for point, held in stops.items():
        for stop in held:
            if point.late:
                stop.release()
            else:
                stop.drop()


def last_edit_points(call: Call) -> tuple[Point, ...]:
    """Both sides of the card's last edit, by the call that edits it."""
    return (
        Point(
            where="last edit of the card: Discord never got it",
            at=discord(call, Moment.BEFORE_EFFECT, says="### Done"),
        ),
        Point(
            where="last edit of the card: shown, its answer lost",
            at=discord(call, Moment.AFTER_EFFECT, says="### Done"),
        ),
    )


POINTS = (
    Point(
        where="acknowledgement: Discord never got it",
        at=discord(Call.RESPOND, Moment.BEFORE_EFFECT),
        rendering=True,
    ),
    Point(
        where="acknowledgement: shown, its answer lost",
        at=discord(Call.RESPOND, Moment.AFTER_EFFECT),
        rendering=True,
    ),
    Point(
        where="card of our own: Discord never got it",
        at=card_of_our_own(Moment.BEFORE_EFFECT),
        rendering=True,
    ),
    Point(
        where="card of our own: shown, its answer lost",
        at=card_of_our_own(Moment.AFTER_EFFECT),
        rendering=True,
    ),
    Point(where="queued: waiting for the provider", at=Waiting, alone=True),
    Point(
        where="create: the provider never got it",
        at=provider(faults.CREATE),
        ends="Uncertain",
        paid=0,
        uploads=0,
    ),
    Point(
        where="create: accepted after our end",
        at=provider(faults.CREATE),
        late=True,
        ends="Uncertain",
        uploads=0,
    ),
    Point(where="create: accepted, its answer lost", at=provider(faults.ACCEPTED), ends="Uncertain", uploads=0),
    Point(
        where="create: answered, not written down",
        at=unwritten(faults.ACCEPTED, "task made"),
        ends="Uncertain",
        uploads=0,
        alone=True,
    ),
    Point(where="query: not answered", at=provider(faults.QUERY)),
    Point(
        where="query: answered, not written down",
        at=unwritten(faults.QUERY, "call=query"),
        alone=True,
    ),
    Point(where="retrieve: not answered", at=provider(faults.RETRIEVE)),
    Point(where="download: no byte yet", at=provider(faults.DOWNLOAD)),
    Point(where="download: in the middle", at=provider(faults.DOWNLOAD, byte=2 * MIB)),
    Point(
        where="download: complete, not written down",
        at=unwritten(faults.DOWNLOAD, "video downloaded"),
        alone=True,
    ),
    Point(
        where="upload: begun",
        at=discord(Call.CREATE_MESSAGE, Moment.UPLOADING, says=".mp4"),
        uploads=2,
    ),
    Point(
        where="upload: in the middle",
        at=discord(Call.CREATE_MESSAGE, Moment.UPLOADING, says=".mp4", after_bytes=2 * MIB),
        uploads=2,
    ),
    Point(
        where="upload: complete, never posted",
        at=discord(Call.CREATE_MESSAGE, Moment.BEFORE_EFFECT, says=".mp4"),
        uploads=2,
    ),
    Point(
        where="upload: complete, posted after our end",
        at=discord(Call.CREATE_MESSAGE, Moment.BEFORE_EFFECT, says=".mp4"),
        late=True,
    ),
    Point(
        where="upload: posted, its answer lost",
        at=discord(Call.CREATE_MESSAGE, Moment.AFTER_EFFECT, says=".mp4"),
    ),
    *last_edit_points(Call.EDIT_MESSAGE),
)


def upload_points(call: Call) -> tuple[Point, ...]:
    """Both sides of a video's upload, by another call than the usual one."""
    return (
        Point(where="upload: begun", at=discord(call, Moment.UPLOADING, says=".mp4"), uploads=2),
        Point(
            where="upload: in the middle",
            at=discord(call, Moment.UPLOADING, says=".mp4", after_bytes=2 * MIB),
            uploads=2,
        ),
        Point(where="upload: complete, never shown", at=discord(call, Moment.BEFORE_EFFECT, says=".mp4"), uploads=2),
        Point(
            where="upload: complete, shown after our end",
            at=discord(call, Moment.BEFORE_EFFECT, says=".mp4"),
            late=True,
        ),
        Point(where="upload: shown, its answer lost", at=discord(call, Moment.AFTER_EFFECT, says=".mp4")),
    )


ACKNOWLEDGED_LATE = tuple(point for point in POINTS if point.where.startswith("acknowledgement"))

ANSWER_POINTS = (
    *ACKNOWLEDGED_LATE,
    *upload_points(Call.EDIT_ORIGINAL),
    Point(where="ping: Discord never got it", at=pinging(Moment.BEFORE_EFFECT)),
    Point(where="ping: shown, its answer lost", at=pinging(Moment.AFTER_EFFECT)),
)
"""Where the bot is no member, and the video takes the place of its card."""

PRIVATE_POINTS = (
    *ACKNOWLEDGED_LATE,
    Point(where="create: accepted, its answer lost", at=provider(faults.ACCEPTED), ends="Uncertain", uploads=0),
    Point(where="download: in the middle", at=provider(faults.DOWNLOAD, byte=2 * MIB)),
    *upload_points(Call.CREATE_MESSAGE),
    *last_edit_points(Call.EDIT_ORIGINAL),
)
"""Where only one person may see the video: its card by token, itself by direct message."""
