"""The provider as a process of its own: the simulator, with one key for each bot and the same plan for both.

Started by `arena`; run by hand it prints its address: `python -m benchmarks.provider '{"keys": …}'`.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from dataclasses import asdict, dataclass
from functools import cache
from random import Random
from typing import Final

from pydantic import SecretStr

from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import Film, FilmMaker, FilmOrder
from demo.simulator.rules import Order
from demo.simulator.server import running
from demo.simulator.service import Simulator
from demo.simulator.tasks import Stages

_GOLDEN: Final = 0.6180339887498949
_NUMBER: Final = re.compile(r"scene (\d+)")


def prompt(number: int) -> str:
    """The prompt of a scene; what comes back is recognised by it."""
    return f"scene {number}"


def scene_in(text: str) -> int | None:
    """The number of the scene that a text speaks of."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long the provider takes, and what it delivers.

    Attributes:
        keys: Which API keys it takes, by the name they have in its books.
        shortest: Seconds from create to success, at least.
        longest: And at most.
        film_bytes: The size of every video.
    """

    keys: dict[str, str]
    shortest: float
    longest: float
    film_bytes: int

    def seconds(self, text: str) -> float:
        """From create to success for a prompt: the same for every bot, and evenly spread over the scenes."""
        place = (scene_in(text) or 0) * _GOLDEN % 1.0
        return self.shortest + (self.longest - self.shortest) * place

    def as_argument(self) -> str:
        """The plan as this program's argument."""
        return json.dumps(asdict(self))


def one_film(size: int) -> FilmMaker:
    """A maker that makes one film and gives it to everybody: making films is not what is measured.

    Args:
        size: Bytes.
    """

    @cache
    def film() -> Film:
        order = FilmOrder(prompt="any", caption="", width=64, height=36, duration=6)
        return padded(tiny_film, size)(order)

    return lambda _: film()


async def serve(plan: Plan) -> None:
    """Serves until it is ended, and prints its address first."""

    def stages(order: Order, random: Random) -> Stages:
        del random
        return Stages(0.0, 0.0, plan.seconds(order.prompt))

    simulator = Simulator(
        keys={name: SecretStr(key) for name, key in plan.keys.items()},
        plan=stages,
        film_maker=one_film(plan.film_bytes),
    )
    async with running(simulator) as url:
        print(f"serving {url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Plan(**json.loads(sys.argv[1]))))
