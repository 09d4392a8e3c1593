"""Carries a plan out: life after life of the bot, while people ask, meddle, and ask again where nobody answered.

Knows nothing of what is right: it notes what was asked, and `verdict` judges what became of it.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from typing import Final

from tests.soak import mishaps
from tests.soak.mishaps import Asked
from tests.soak.plan import ANY_WISH, EndKind, Life, Plan, Trouble, Wish
from tests.soak.town import Town
from tests.wire.crash_points import Stop
from tests.wire.studio import Order

READY_WITHIN: Final = 30.0
STOPS_WITHIN: Final = 12.0
TOLD_WITHIN: Final = 6.0
"""Seconds after which somebody who sees no card gives up waiting for it."""

SETTLES_WITHIN: Final = 150.0
TICK: Final = 0.25

UNDER_WAY: Final = "('received', 'queued', 'submitting', 'rendering', 'fetching', 'posting')"
"""Written out, not taken from the product, which is being judged."""


@dataclass
class History:
    """What has happened.

    Attributes:
        orders: Every time that a wish was typed, by the wish's number, oldest first.
        vain: Those of them that made no job before the bot's end, by interaction.
        shown: What `/video show` answered in the end, by job id, where there is no card to look at.
        lives: How many lives of the plan there was time for.
        kills: How often the bot was killed.
        at_points: How many of these were at a held request.
        starting: How many before it took commands.
        stops: How often it was asked to stop.
        misbehaved: In words: a bot that did not start, ended by itself, or did not stop when asked to.
        settled: Whether every job came to an end in time.
        seconds: How long it took in all.
    """

    orders: dict[int, list[Order]] = field(default_factory=dict[int, list[Order]])
    vain: dict[int, Order] = field(default_factory=dict[int, Order])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    lives: int = 0
    kills: int = 0
    at_points: int = 0
    starting: int = 0
    stops: int = 0
    misbehaved: list[str] = field(default_factory=list[str])
    settled: bool = False
    seconds: float = 0.0


class Run:
    """One carrying-out of a plan.

    Args:
        plan: What is to happen.
        town: Where.
        tell: Told now and then how far it is.
    """

    def __init__(self, plan: Plan, town: Town, *, tell: Callable[[str], None]) -> None:
        self.history = History()
        self._plan = plan
        self._wishes = plan.wishes
        self._town = town
        self._tell = tell
        self._studio = town.studio
        self._bot = town.studio.bot
        self._until = town.studio.discord.until
        self._waiting: dict[int, Wish] = {}  # by number: to be typed, or typed in vain
        self._armed: set[int] = set()
        self._background = asyncio.TaskGroup()
        self._trouble_at_a_time = asyncio.Lock()

    async def carry_out(self, *, seconds: float) -> History:
        """Live all lives, then let the bot come to rest with nothing more going wrong.

        Args:
            seconds: No new life begins after that; what was asked still comes to its end.
        """
        began = time.monotonic()
        async with self._background:
            for number, life in enumerate(self._plan.lives, start=1):
                if time.monotonic() - began > seconds:
                    break
                await self._live(life)
                self.history.lives = number
                if number % 20 == 0:
                    done = f"{len(self.history.orders)} of {len(self._wishes)} videos asked for"
                    self._tell(f"{time.monotonic() - began:4.0f} s: life {number} of {len(self._plan.lives)}, {done}")
            await self._settle()
        self.history.seconds = time.monotonic() - began
        return self.history

    # --- one life ----------------------------------------------------------------------------------------------

    async def _live(self, life: Life) -> None:
        self._wait(*life.wishes)
        end = life.end
        stop = self._lay_in_wait(life)
        await self._bot.start()
        if end.kind is EndKind.KILL_STARTING:
            await asyncio.sleep(end.after)
            self.history.starting += 1
        elif await self._ready():
            self._not_taken()
            async with self._meanwhile(life):
                await self._until_its_end(life, stop)
        if not self._bot.running:
            self.history.misbehaved.append(f"start {self._bot.starts}: ended by itself")
        elif end.kind is EndKind.STOP:
            await self._ask_to_stop()
        else:
            await self._bot.sigkill()
            self.history.kills += 1
        if stop is not None:
            self._background.create_task(let_go(stop, after=end.late))

    async def _ready(self) -> bool:
        try:
            await self._bot.wait_ready(within=READY_WITHIN)
        except AssertionError:
            self.history.misbehaved.append(f"start {self._bot.starts}: never took commands")
            return False
        return True

    def _lay_in_wait(self, life: Life) -> Stop | None:
        if not life.end.point:
            return None
        _, place = mishaps.ENDING_POINTS[life.end.point]
        return place(self._studio, ANY_WISH)

    async def _until_its_end(self, life: Life, stop: Stop | None) -> None:
        with suppress(TimeoutError, AssertionError):
            async with asyncio.timeout(life.end.after):
                if stop is None:
                    await asyncio.Event().wait()
                else:
                    orders = await self._until(lambda: list(self.history.orders.values()), within=life.end.after)
                    await stop.reached(orders[0][0])  # whose it is matters to none of these stops
                    self.history.at_points += 1

    @asynccontextmanager
    async def _meanwhile(self, life: Life) -> AsyncGenerator[None]:
        """What goes on during a life and breaks off with it: people type, and troubles come."""
        tasks = [asyncio.create_task(self._utter(wish)) for wish in self._waiting.values()]
        tasks += [asyncio.create_task(self._trouble(trouble)) for trouble in life.troubles]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            for error in ended:
                if isinstance(error, Exception):
                    raise error

    async def _trouble(self, trouble: Trouble) -> None:
        await asyncio.sleep(trouble.after)
        self._background.create_task(self._happen(trouble))

    async def _happen(self, trouble: Trouble) -> None:
        _, happening = mishaps.HAPPENINGS[trouble.name]
        async with self._trouble_at_a_time:
            await happening(self._studio)

    async def _ask_to_stop(self) -> None:
        self.history.stops += 1
        self._bot.sigterm()
        try:
            code = await self._bot.exited(within=STOPS_WITHIN)
        except TimeoutError:
            self.history.misbehaved.append(f"asked to stop: still there after {STOPS_WITHIN:g} s")
            await self._bot.sigkill()
            return
        if code:
            self.history.misbehaved.append(f"asked to stop: exit code {code}")

    def _wait(self, *wishes: Wish) -> None:
        self._waiting |= {wish.number: wish for wish in wishes}

    # --- people ------------------------------------------------------------------------------------------------

    async def _utter(self, wish: Wish) -> None:
        """Type a command; whoever is interrupted by the bot's end types it in its next life."""
        await asyncio.sleep(wish.after)
        # Not broken off half-way: it would not be known whether it was typed.
        self._background.create_task(self._type(wish))

    async def _type(self, wish: Wish) -> None:
        del self._waiting[wish.number]
        if wish.number not in self._armed:
            self._armed.add(wish.number)
            self._studio.simulator.faults.add(*(f"{switch},prompt={wish.prompt}" for switch in wish.provider))
            for name in wish.discord:
                mishaps.DISCORD_MISHAPS[name][1](self._studio, wish.prompt)
        options = {name: value for name in ("model", "resolution") if (value := getattr(wish, name)) is not None}
        try:
            order = await self._studio.order(
                wish.prompt, place=self._town.place_of(wish), person=self._town.people[wish.person], **options
            )
        except AssertionError:
            # The gateway knows no session just then: nobody takes the command.
            self._wait(wish)
            return
        self.history.orders.setdefault(wish.number, []).append(order)
        if wish.fate or wish.meddling:
            self._background.create_task(self._meddle(wish, order))

    async def _meddle(self, wish: Wish, order: Order) -> None:
        """Do something to a job as soon as its card is there, and a little later."""
        try:
            await self._until(lambda: order.cards, within=TOLD_WITHIN)
        except AssertionError:
            return
        await asyncio.sleep(wish.meddling_after)
        if order.interaction.id in self.history.vain:
            return  # the card is that of the next try
        # The card may have changed while somebody was about to press its button, or the bot be away.
        with suppress(AssertionError):
            await mishaps.DEEDS[wish.fate or wish.meddling](Asked(order, self._studio))

    def _not_taken(self) -> None:
        """Whoever typed in vain types again: "the application did not respond", and there is no job.

        Asked while the bot lives: the last to close the database would tidy it up, and hide what a crash left behind.
        """
        taken = self._taken()
        for number, orders in self.history.orders.items():
            if not any(order.interaction.id in taken for order in orders):
                self.history.vain |= {order.interaction.id: order for order in orders}
                self._wait(self._wishes[number])

    def _taken(self) -> set[int]:
        with closing(sqlite3.connect(self._studio.database.path, isolation_level=None)) as database:
            return {number for (number,) in database.execute("SELECT interaction_id FROM jobs")}

    # --- the end -----------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """One long last life in which nothing goes wrong any more."""
        async with self._trouble_at_a_time:
            self._studio.discord.faults.clear()
        self._studio.simulator.faults.clear()
        self._studio.simulator.holds.release_all()
        await self._bot.start()
        await self._ready()
        self._not_taken()
        leftover = list(self._waiting.values())
        self._tell(f"letting it come to rest, with {len(leftover)} videos asked for again")
        for wish in leftover:
            self._armed.add(wish.number)
            await self._type(wish)
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_WITHIN):
                # The database tells nobody of a change.
                while self._restless() or self._in_vain():  # noqa: ASYNC110
                    await asyncio.sleep(TICK)
                self.history.settled = True
        for order in self._without_card():
            await self._look_up(order)
        await self._ask_to_stop()
        self.history.stops -= 1

    def _restless(self) -> bool:
        """Whether a job is under way, or a card does not show the truth yet."""
        look = self._studio.database.look
        jobs = look(f"SELECT count(*) FROM jobs WHERE state IN {UNDER_WAY}")  # noqa: S608 - a constant
        return bool(jobs or look("SELECT count(*) FROM cards WHERE due_at IS NOT NULL AND NOT lost"))

    def _in_vain(self) -> bool:
        """Whether somebody still waits for the job of what they typed last."""
        taken = self._taken()
        return any(
            not any(order.interaction.id in taken for order in orders) for orders in self.history.orders.values()
        )

    def _without_card(self) -> Iterator[Order]:
        """The orders whose job has ended otherwise than well, and has no card to say so."""
        for orders in self.history.orders.values():
            for order in orders:
                if order.state not in (None, "done") and not self._town.cards_of(order):
                    yield order

    async def _look_up(self, order: Order) -> None:
        """Ask for a job as its requester may at any time, in a direct message."""
        person = order.interaction.user
        asked = await self._studio.discord.slash(
            self._studio.discord.world.dm(person), person, "video show", job=order.job_id
        )
        with suppress(AssertionError):
            self.history.shown[order.job_id] = (await asked.answer(within=TOLD_WITHIN)).text


async def let_go(stop: Stop, *, after: float | None) -> None:
    """Let a held request go: to have its effect after so many seconds, or, for None, never."""
    if after is None:
        stop.drop()
        return
    await asyncio.sleep(after)
    stop.release()
