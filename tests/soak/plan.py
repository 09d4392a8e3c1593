"""What is going to happen, drawn from one seed: who asks for what, what goes wrong with it, how each life of the bot ends.

Pure data. The same seed gives the same plan; what a plan meets still depends on how quick the machine is.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from tests.soak import mishaps
from tests.soak.mishaps import Weighted
from tests.wire.fake_discord import MIB

T = TypeVar("T")

PEOPLE: Final = 8
PLACES: Final = 12
"""Channels and threads that all people share; beside them, everybody has direct messages."""

OWN_PLACE: Final = 0.06  # of all videos are asked for in a place of their own, because of what happens to it
DIRECT: Final = 0.12
PROVIDER_FAULTS: Final = 0.4
DISCORD_FAULTS: Final = 0.35
SECOND_FAULT: Final = 0.2
MEDDLING: Final = 0.12
AT_A_POINT: Final = 0.5
WHILE_STARTING: Final = 0.2
STOPS: Final = 0.06
TROUBLES: Final = 0.35
LATE: Final = 0.4
LATEST: Final = 9.0  # seconds: more than the clocks may differ, less than a nonce lives
POINT_PATIENCE: Final = 2.0  # seconds
NOT_DEFAULT: Final = 0.2

ANY_WISH: Final = "wish "
"""What every prompt begins with."""

ANIMALS: Final = ("a fox", "two owls", "an otter", "a whale", "seven cranes", "a very old tortoise")
SCENES: Final = ("the snow", "a paper city", "the rain", "a library at night", "high grass")

MODELS: Weighted[str | None] = {None: 50, "MiniMax-Hailuo-2.3": 10, "MiniMax-H3": 25, "MiniMax-H3-Max": 15}
"""Of both of the provider's interfaces; what is left out means V1."""

FILM_BYTES: Weighted[int] = {0: 70, MIB // 2: 18, 3 * MIB: 10, 11 * MIB: 2}
"""The smallest size of a film; the last one is more than a channel takes."""

UPLOAD_LIMIT: Final = 10 * MIB


class EndKind(StrEnum):
    """How a life of the bot ends."""

    KILL = "killed"
    KILL_STARTING = "killed while it starts"
    STOP = "asked to stop"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One video that somebody asks for.

    Attributes:
        number: Its place in the plan.
        prompt: Different for each wish, and part of no other's.
        person: Who.
        place: Where; None is a direct message.
        fate: What happens to a place of its own, one of `mishaps.FATES`; empty where it has none.
        after: Seconds from when the bot takes commands.
        model: The option; None leaves it out.
        resolution: The option; None leaves it out.
        film_bytes: The least size of the film.
        provider: Switches of the simulator that lie on it.
        discord: What goes wrong at Discord, out of `mishaps.DISCORD`.
        meddling: What somebody does to it, out of `mishaps.MEDDLING`; empty for nothing.
        meddling_after: Seconds from its card to that, or to what happens to its place.
    """

    number: int
    prompt: str
    person: int
    place: int | None
    fate: str
    after: float
    model: str | None
    resolution: str | None
    film_bytes: int
    provider: tuple[str, ...]
    discord: tuple[str, ...]
    meddling: str
    meddling_after: float

    @property
    def too_large(self) -> bool:
        """Whether the provider's file is more than its place takes, or is told to be."""
        return self.film_bytes > UPLOAD_LIMIT or mishaps.TOO_LARGE in self.discord


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that goes wrong for everybody.

    Attributes:
        name: One of `mishaps.TROUBLES`.
        after: Seconds from when the bot takes commands.
    """

    name: str
    after: float


@dataclass(frozen=True, kw_only=True)
class End:
    """How one life of the bot ends.

    Attributes:
        kind: How.
        after: Seconds: from the start of the process for one killed while it starts, else from when it takes commands.
        point: The request at which it ends, whosesoever, if one comes in time: one of `mishaps.POINTS`; empty for any moment.
        late: Seconds after the end until the held request takes effect all the same; None if it never does.
    """

    kind: EndKind
    after: float
    point: str = ""
    late: float | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """One life of the bot, from its start to its end."""

    wishes: tuple[Wish, ...]
    troubles: tuple[Trouble, ...]
    end: End


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All lives, one after the other.

    Attributes:
        pushes: Whether the provider pushes news to the bot: so it does with every second seed.
    """

    seed: int
    pushes: bool
    lives: tuple[Life, ...]

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """Everything that is asked for."""
        return tuple(wish for life in self.lives for wish in life.wishes)

    @property
    def kills(self) -> int:
        """How often the bot is killed."""
        return sum(life.end.kind is not EndKind.STOP for life in self.lives)

    @property
    def digest(self) -> str:
        """A short name for the plan: equal where the plan is."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:8]


def draw_plan(seed: int, *, jobs: int, kills: int) -> Plan:
    """The plan of a seed.

    Args:
        seed: Any number.
        jobs: How many videos are asked for.
        kills: How often the bot is killed, at least once; it is asked to stop now and then besides.
    """
    random = Random(seed)
    ends = [EndKind.KILL_STARTING if random.random() < WHILE_STARTING else EndKind.KILL for _ in range(kills - 1)]
    ends += [EndKind.STOP] * round(kills * STOPS)
    random.shuffle(ends)
    # The first life registers the commands; nobody can ask in one that ends before it takes any.
    ends.insert(0, EndKind.KILL)
    shares = [0] * len(ends)
    for chosen in random.choices([one for one, kind in enumerate(ends) if kind is not EndKind.KILL_STARTING], k=jobs):
        shares[chosen] += 1
    lives: list[Life] = []
    asked = 0
    for kind, share in zip(ends, shares, strict=True):
        wishes = tuple(_wish(random, number) for number in range(asked, asked + share))
        asked += share
        lives.append(Life(wishes=wishes, troubles=_troubles(random), end=_end(random, kind)))
    return Plan(seed=seed, pushes=seed % 2 == 0, lives=tuple(lives))


def _wish(random: Random, number: int) -> Wish:
    own = random.random() < OWN_PLACE
    meddling = _one(random, mishaps.MEDDLING) if not own and random.random() < MEDDLING else ""
    return Wish(
        number=number,
        prompt=f"{ANY_WISH}{number:05} of {random.choice(ANIMALS)} in {random.choice(SCENES)}",
        person=random.randrange(PEOPLE),
        place=None if not own and random.random() < DIRECT else random.randrange(PLACES),
        fate=_one(random, mishaps.FATES) if own else "",
        after=random.uniform(0.0, 0.9),
        model=_one(random, MODELS),
        resolution="768P" if random.random() < NOT_DEFAULT else None,
        film_bytes=_one(random, FILM_BYTES),
        provider=_some(random, mishaps.PROVIDER, PROVIDER_FAULTS),
        discord=_some(random, mishaps.DISCORD, DISCORD_FAULTS),
        meddling=meddling,
        meddling_after=random.uniform(0.0, 1.5),
    )


def _troubles(random: Random) -> tuple[Trouble, ...]:
    if random.random() >= TROUBLES:
        return ()
    return (Trouble(name=_one(random, mishaps.TROUBLES), after=random.uniform(0.0, 1.0)),)


def _end(random: Random, kind: EndKind) -> End:
    if kind is EndKind.KILL_STARTING:
        return End(kind=kind, after=random.uniform(0.1, 1.6))
    if kind is EndKind.STOP or random.random() >= AT_A_POINT:
        return End(kind=kind, after=random.uniform(0.1, 1.8))
    return End(
        kind=kind,
        after=POINT_PATIENCE,
        point=_one(random, mishaps.POINTS),
        late=random.uniform(0.0, LATEST) if random.random() < LATE else None,
    )


def _one(random: Random, weighted: Weighted[T]) -> T:
    return random.choices(list(weighted), list(weighted.values()))[0]


def _some(random: Random, weighted: Weighted[T], chance: float) -> tuple[T, ...]:
    """None, one, or now and then two of them."""
    if random.random() >= chance:
        return ()
    return tuple(_one(random, weighted) for _ in range(2 if random.random() < SECOND_FAULT else 1))
