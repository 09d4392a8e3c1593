"""The people and places of a soak, between a fake Discord and a simulated provider: opened, and closed without a trace."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import Film, FilmMaker, FilmOrder
from demo.simulator.service import Simulator
from demo.simulator.tasks import StagePlan
from tests.minimax.wire import free_port
from tests.soak.plan import PEOPLE, PLACES, Plan, Wish
from tests.wire.fake_discord import Call, Channel, Contract, FakeDiscord, Guild, Message, Permission, User
from tests.wire.process import BotProcess
from tests.wire.studio import HASTE, KEY, Order, ProviderHost, Studio

SERVERS: Final = 3
SERVER_PLACES: Final = PLACES // SERVERS
RENDER_SECONDS: Final = 1.6
RENDER_SPREAD: Final = 0.7

ENV: Final = {
    **HASTE,
    # Fewer at once than people ask for, so that there is a queue to be fair in and to cancel from.
    "MINIMAX_TASKS_IN_FLIGHT": "20",
    "LOG_LEVEL": "INFO",
    # A bot that is started a hundred times is compiled once.
    "PYTHONDONTWRITEBYTECODE": "",
}
NONCE_SECONDS: Final = 20.0
"""Discord forgets a nonce after some minutes; here soon enough that posts are found without it too."""

PER_CHANNEL: Final = (5, 1.0)
"""Messages, or edits, that a channel takes in so many seconds; the bot has to keep to it."""


@dataclass(frozen=True)
class Town:
    """People and places.

    Attributes:
        studio: The bot, and what is around it.
        people: Who asks. The first one takes no direct messages.
        places: Where they ask.
    """

    studio: Studio
    people: list[User]
    places: list[Channel]

    def place_of(self, wish: Wish) -> Channel:
        """Where a wish is uttered; a place of its own is a new one each time."""
        world = self.studio.discord.world
        if wish.place is None:
            return world.dm(self.people[wish.person])
        shared = self.places[wish.place]
        if not wish.fate:
            return shared
        guild = shared.guild
        assert guild is not None
        return world.add_channel(guild, f"for-wish-{wish.number}")

    def reaches(self, place: Channel) -> bool:
        """Whether a place is still there, and the bot still sees it."""
        return place.id in self.studio.discord.world.channels and Permission.VIEW_CHANNEL in place.app_permissions

    def cards_of(self, order: Order) -> list[Message]:
        """The status cards of an order that people can look at and the bot can keep true."""
        return order.cards if self.reaches(order.place) else []


@asynccontextmanager
async def open_town(plan: Plan, contract: Contract, folder: Path) -> AsyncGenerator[Town]:
    """A town whose bot is not started yet.

    Args:
        plan: What is going to happen there.
        contract: Discord's OpenAPI document.
        folder: An existing folder of its own.
    """
    (folder / "cdn").mkdir()
    host = ProviderHost(
        Simulator(
            keys={"soak": SecretStr(KEY)},
            plan=StagePlan.taking(RENDER_SECONDS, RENDER_SPREAD),
            film_maker=film_maker(plan),
            seed=plan.seed,
        )
    )
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(FakeDiscord(contract, folder / "cdn"))
        discord.board.nonce_window = NONCE_SECONDS
        for call in (Call.CREATE_MESSAGE, Call.EDIT_MESSAGE):
            count, seconds = PER_CHANNEL
            discord.limits.allow(call, count, per=seconds)
        await host.up()
        stack.push_async_callback(host.down)
        # Before the servers go, or they would wait for what is held.
        stack.callback(host.simulator.holds.release_all)
        people = [discord.world.add_user(f"person-{number}") for number in range(PEOPLE)]
        discord.world.dm(people[0]).refuses = 50007
        places = [place for number in range(SERVERS) for place in _server(discord, f"server-{number}")]
        settings = {"MINIMAX_BASE_URL": host.url, "MINIMAX_API_KEY": KEY, **ENV}
        if plan.pushes:
            port = free_port()
            settings |= {"PUBLIC_URL": f"http://127.0.0.1:{port}", "WEB_PORT": str(port)}
        bot = BotProcess(discord, folder, env=settings)
        stack.push_async_callback(bot.stop)
        yield Town(Studio(discord, host, bot, places[0], people[-1]), people, places)


def _server(discord: FakeDiscord, name: str) -> list[Channel]:
    """The places of one server; the last is a thread under the first."""
    guild: Guild = discord.world.add_guild(name)
    channels = [discord.world.add_channel(guild, f"videos-{number}") for number in range(SERVER_PLACES - 1)]
    return [*channels, discord.world.add_thread(channels[0], "a thread of videos")]


def film_maker(plan: Plan) -> FilmMaker:
    """Makes each wish a film of the size planned for it."""
    sizes = {wish.prompt: wish.film_bytes for wish in plan.wishes}

    def make(order: FilmOrder) -> Film:
        return padded(tiny_film, sizes[order.prompt])(order)

    return make
