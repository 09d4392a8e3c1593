"""Judges a soak from outside: what people see at Discord, what the provider's books say, and which jobs there are.

A video is *delivered* when its very bytes, or the link to them, stand in one message; a job is *told* when it ended
otherwise and says so with its fixed word. Everything else that was asked for is *lost*.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

from demo.simulator.films import Film
from demo.simulator.service import film_order
from tests.soak.plan import Plan, Wish
from tests.soak.run import History
from tests.soak.town import Town
from tests.wire.fake_discord import Channel, Message
from tests.wire.studio import Order

WORDS: Final = {
    "failed": "Failed",
    "cancelled": "Cancelled",
    "uncertain": "Uncertain",
    "undelivered": "Undelivered",
}
"""How a job may end other than well, and the word by which people are told."""

DELIVERED: Final = "done"
UNPAID: Final = {"cancelled"}
"""Ends that say that nothing was charged whatever the provider did."""


@dataclass(frozen=True)
class JobRow:
    """What the bot's database says of a job."""

    id: str
    interaction_id: int
    prompt: str
    state: str


@dataclass
class Verdict:
    """What became of everything that was asked for.

    Attributes:
        delivered: Videos that arrived, as files or links.
        told: Jobs that ended otherwise and say so, by their state.
        lost: In words, each naming the wish: neither delivered nor told.
        paid_twice: In words.
        posted_twice: In words.
        amiss: In words: whatever else is not as it should be.
    """

    delivered: int = 0
    told: Counter[str] = field(default_factory=Counter[str])
    lost: list[str] = field(default_factory=list[str])
    paid_twice: list[str] = field(default_factory=list[str])
    posted_twice: list[str] = field(default_factory=list[str])
    amiss: list[str] = field(default_factory=list[str])

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.paid_twice or self.posted_twice or self.amiss)


class Judge:
    """Looks at each wish from all sides.

    Args:
        plan: What was to happen.
        town: Where it has happened.
        history: What was asked.
    """

    def __init__(self, plan: Plan, town: Town, history: History) -> None:
        self._plan = plan
        self._town = town
        self._history = history
        self._rows = _rows(town)
        self._paid = Counter(entry.prompt for entry in town.studio.simulator.ledger.paid_creates())
        self._messages = _by_job(self._places(), (row.id for rows in self._rows.values() for row in rows))
        self._verdict = Verdict()

    def judge(self) -> Verdict:
        """What became of it all."""
        verdict, history = self._verdict, self._history
        for life in self._plan.lives[: history.lives]:
            for wish in life.wishes:
                self._judge(wish)
        if not history.settled:
            verdict.amiss.append("not everything came to its end in time")
        verdict.amiss += history.misbehaved
        left = self._town.studio.database.path.parent.rglob("*.mp4")
        # A page that a job's link leads to keeps its video for as long as it says.
        verdict.amiss += [f"left on the disk: {path.name}" for path in left if path.stem not in _linked(self._town)]
        verdict.amiss += [f"Discord does not allow: {one}" for one in self._town.studio.discord.violations]
        return verdict

    def _judge(self, wish: Wish) -> None:
        verdict = self._verdict
        orders = self._history.orders.get(wish.number, [])
        rows = self._rows.get(wish.prompt, [])
        verdict.lost += [
            f"{wish.prompt!r}: a card was shown, but there was no job"
            for order in orders
            if order.interaction.id in self._history.vain and _shows_card(order.interaction.original)
        ]
        if (paid := self._paid[wish.prompt]) > 1:
            verdict.paid_twice.append(f"{wish.prompt!r}: paid {paid} times")
        if len(rows) > 1:
            verdict.amiss.append(f"{wish.prompt!r}: {len(rows)} jobs")
        if not rows:
            verdict.lost.append(f"{wish.prompt!r}: asked for {len(orders)} times, never taken")
        for row in rows:
            order = next((one for one in orders if one.interaction.id == row.interaction_id), None)
            if order is None:
                verdict.amiss.append(f"{wish.prompt!r}: a job that nobody asked for")
            else:
                self._judge_job(wish, row, order)

    def _judge_job(self, wish: Wish, row: JobRow, order: Order) -> None:
        verdict = self._verdict
        name = f"{row.prompt!r} ({row.state}, job {row.id})"
        results = self._messages[row.id]
        standing = [one for one in results if self._town.reaches(one.channel)]
        # What went with its place may have been sent again elsewhere: nobody sees both.
        if len(standing) > 1 or len(results) - len(standing) > 1:
            verdict.posted_twice.append(f"{name}: in {len(results)} messages")
        if row.state == DELIVERED:
            if wrong := self._undelivered(wish, results):
                verdict.lost.append(f"{name}: {wrong}")
            else:
                verdict.delivered += 1
        elif row.state not in WORDS:
            verdict.lost.append(f"{name}: never came to an end")
        else:
            self._judge_end(row, order, name)
            if results:
                verdict.amiss.append(f"{name}: its video was posted all the same")
        self._judge_card(row, order, name)

    def _undelivered(self, wish: Wish, results: list[Message]) -> str:
        """What is wrong with the delivery of a job that calls itself done; empty if nothing is."""
        if not results:
            return "no message holds its video"
        film = self._film(wish.prompt)
        if film is None:
            return "the provider never made it"
        changed = [file for message in results for file in message.files if file.sha256 != film.sha256]
        if not changed:
            return ""
        if not wish.too_large:
            return "the posted bytes are not the provider's"
        # Made to fit: the same length all the same.
        return (
            "" if all(_length(file.path) == _length(BytesIO(film.content)) for file in changed) else "it was cut short"
        )

    def _film(self, prompt: str) -> Film | None:
        simulator = self._town.studio.simulator
        tasks = (simulator.task(entry.task_id) for entry in simulator.ledger.paid_creates(prompt))
        films = [simulator.films.ready(film_order(task.order)) for task in tasks if task is not None]
        return films[0] if films else None

    def _judge_end(self, row: JobRow, order: Order, name: str) -> None:
        word = WORDS[row.state]
        texts = [card.text for card in self._town.cards_of(order)] or [self._history.shown.get(row.id, "")]
        if all(text.startswith(f"### {word}\n") for text in texts):
            self._verdict.told[row.state] += 1
        else:
            self._verdict.lost.append(f"{name}: people read {texts}")
        if row.state in UNPAID and self._paid[row.prompt]:
            self._verdict.amiss.append(f"{name}: paid for all the same")

    def _judge_card(self, row: JobRow, order: Order, name: str) -> None:
        cards = self._town.cards_of(order)
        if len(cards) > 1:
            self._verdict.amiss.append(f"{name}: {len(cards)} cards")
        if row.state == DELIVERED and any(not card.text.startswith("### Done\n") for card in cards):
            self._verdict.amiss.append(f"{name}: its card reads {cards[0].text!r}")

    def _places(self) -> Iterator[Channel]:
        """Every place there is or was."""
        places = {**self._town.studio.discord.world.channels}
        for orders in self._history.orders.values():
            places |= {order.place.id: order.place for order in orders}
        yield from places.values()


def _shows_card(message: Message | None) -> bool:
    return message is not None and message.seen_by is None and message.text.startswith("### ")


def _length(file: Path | BytesIO) -> float:
    """Seconds, to a tenth, of a film that can be played."""
    import av  # noqa: PLC0415 - carries FFmpeg: half a second to import

    with av.open(file, "r") as container:
        frames = sum(1 for _ in container.decode(video=0))
        rate = container.streams.video[0].average_rate
    return round(frames / float(rate), 1) if rate else 0.0


def _rows(town: Town) -> dict[str, list[JobRow]]:
    found: dict[str, list[JobRow]] = defaultdict(list)
    with closing(sqlite3.connect(town.studio.database.path)) as database:
        for row in database.execute("SELECT id, interaction_id, prompt, state FROM jobs"):
            job = JobRow(*row)
            found[job.prompt].append(job)
    return found


def _linked(town: Town) -> set[str]:
    """The last part of every link that a job has for its video."""
    with closing(sqlite3.connect(town.studio.database.path)) as database:
        return {link.rpartition("/")[2] for (link,) in database.execute("SELECT link FROM jobs WHERE link IS NOT NULL")}


def _by_job(places: Iterable[Channel], jobs: Iterable[str]) -> dict[str, list[Message]]:
    """The messages that hold each job's video, or the link to it; what people deleted is left out."""
    known = set(jobs)
    found: dict[str, list[Message]] = defaultdict(list)
    for place in places:
        for message in place.timeline:
            named = {file.name.split(".")[-2] for file in message.files if file.name.endswith(".mp4")}
            if not message.files:
                # A link is plain content, with buttons below; cards have no content.
                named = known & set(message.content.split())
            for job in named & known:
                found[job].append(message)
    return found
