"""Whatever goes wrong on the bot's own machine: a full disk, a locked database, a clock that jumps. Nothing is lost."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from demo.simulator import faults
from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import FilmMaker
from tests.wire.crash_points import RENDERING, discord, provider
from tests.wire.fake_discord import MIB, Call, Contract, Moment
from tests.wire.studio import HASTE, Studio, open_studio

LOCKED_FOR = 10.0  # seconds: twice as long as the bot waits for a lock
HOUR = 3600

ACCEPTED = provider(faults.ACCEPTED)
HALF_A_DOWNLOAD = provider(faults.DOWNLOAD, byte=2 * MIB)
UPLOADED = discord(Call.CREATE_MESSAGE, Moment.BEFORE_EFFECT, says=".mp4")


@pytest.fixture
def film_maker() -> FilmMaker:
    """Films that take their time, and more room than there is."""
    return padded(tiny_film, 6 * MIB)


class SmallDisk:
    """A file system of a few MiB, in memory.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Leave not a byte free."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Generator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)  # noqa: S607


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process limit another")
async def test_a_video_that_cannot_be_written_waits_until_there_is_room(studio: Studio) -> None:
    await studio.bot.start_ready()
    # No file of the bot's may have more than a MiB: its database and its log have less.
    resource.prlimit(studio.bot.pid, resource.RLIMIT_FSIZE, (MIB, resource.RLIM_INFINITY))
    order = await studio.order("a film larger than the disk")
    await studio.bot.printed("the file cannot be written")
    resource.prlimit(studio.bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await order.delivered()
    await studio.stop()

    assert order.creates == 1


async def test_a_full_disk_does_not_make_the_bot_forget_what_it_has_paid_for(
    contract: Contract, tmp_path: Path, disk: SmallDisk
) -> None:
    async with open_studio(
        contract, tmp_path, film_maker=tiny_film, env={**HASTE, "DATA_DIR": str(disk.path)}
    ) as studio:
        stop = ACCEPTED(studio, "a film paid for")
        await studio.bot.start_ready()
        order = await studio.order("a film paid for")
        await stop.reached(order)
        disk.fill()
        stop.release()
        await studio.bot.printed("outcome not written yet")
        second = await studio.order("a film too many")
        answer = await second.interaction.answer()
        disk.free()
        # A card whose showing could not be written down comes up again after a minute.
        await order.delivered(within=80)
        await studio.stop()

        assert "The database cannot be reached just now." in answer.text
        assert (second.creates, second.paid) == (0, 0)


async def test_a_database_locked_for_ten_seconds_loses_nothing(studio: Studio) -> None:
    paid, posted = ACCEPTED(studio, "a film paid for"), UPLOADED(studio, "a film being posted")
    await studio.bot.start_ready()
    orders = [await studio.order("a film paid for"), await studio.order("a film being posted")]
    await paid.reached(orders[0])
    await posted.reached(orders[1])

    with closing(studio.database.lock()):
        locked = asyncio.create_task(asyncio.sleep(LOCKED_FOR))
        paid.release()
        posted.release()
        meanwhile = await studio.order("a film asked for meanwhile")
        await meanwhile.interaction.acknowledged()
        await locked
    answer = await meanwhile.interaction.answer(within=30)
    for order in orders:
        await order.delivered(within=80)
    if answer in meanwhile.cards:
        await meanwhile.delivered(within=80)
    await studio.stop()

    assert meanwhile.interaction.latency < 2
    if answer not in meanwhile.cards:
        assert "The database cannot be reached just now." in answer.text
        assert (meanwhile.creates, studio.database.look("SELECT count(*) FROM jobs")) == (0, 2)


@pytest.mark.parametrize(
    "bot_env",
    [{**HASTE, "FAKE_DISCORD_LEAP": str(leap)} for leap in (HOUR, -HOUR)],
    ids=["one hour on", "one hour back"],
)
async def test_a_clock_that_jumps_neither_pays_nor_posts_twice_nor_keeps_anybody_waiting(studio: Studio) -> None:
    places = {
        "create under way": ACCEPTED,
        "query under way": RENDERING,
        "download under way": HALF_A_DOWNLOAD,
        "upload under way": UPLOADED,
    }
    channels = {where: studio.another_place() for where in places}
    stops = {where: place(studio, where) for where, place in places.items()}
    await studio.bot.start_ready()
    orders = {where: await studio.order(where, place=channels[where]) for where in places}
    for where, stop in stops.items():
        await stop.reached(orders[where])
    waiting = await studio.order("between two questions")
    await waiting.comes_to("rendering")

    os.kill(studio.bot.pid, signal.SIGUSR1)
    await waiting.delivered()
    bystander = await studio.order("an order after the jump")
    await bystander.delivered()
    for stop in stops.values():
        stop.release()
    for order in orders.values():
        await order.delivered()
    await studio.stop()

    assert [(order.creates, len(order.uploads)) for order in orders.values()] == [(1, 1)] * 4


@pytest.mark.parametrize("bot_env", [{**HASTE, "FAKE_DISCORD_LEAP": str(HOUR)}], ids=["ahead until it was killed"])
async def test_a_clock_that_was_set_back_before_the_next_start_keeps_nobody_waiting(studio: Studio) -> None:
    await studio.bot.start_ready()
    os.kill(studio.bot.pid, signal.SIGUSR1)
    stops = {where: place(studio, where) for where, place in {"asked": RENDERING, "posted": UPLOADED}.items()}
    orders = {where: await studio.order(where, place=studio.another_place()) for where in stops}
    for where, stop in stops.items():
        await stop.reached(orders[where])
    await studio.bot.sigkill()
    for stop in stops.values():
        stop.drop()
    await studio.bot.start_ready()
    for order in orders.values():
        await order.delivered()
    await studio.stop()

    assert [order.creates for order in orders.values()] == [1, 1]
