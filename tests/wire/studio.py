"""One bot between a fake Discord and a simulated provider, and what became of each video that somebody asked it for.

The view of a person (cards, results), of the provider's books, and of the bot's own database. Judges nothing by itself.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from demo.simulator.films import Film, FilmMaker
from demo.simulator.server import running, single_key_simulator
from demo.simulator.service import Simulator, film_order
from tests.wire.fake_discord import Call, Channel, Contract, FakeDiscord, File, Interaction, Message, Recorded, User
from tests.wire.process import BotProcess

KEY = "obviously-fake-key"
# The launcher lets the engine wait fractions of a second; the key may do more than any test asks for.
HASTE = {"FAKE_DISCORD_HASTE": "1", "MINIMAX_SUBMITS_PER_MINUTE": "1000", "MINIMAX_TASKS_IN_FLIGHT": "100"}
RENDER_SECONDS = 0.3
ENDS = ("Done", "Failed", "Cancelled", "Uncertain", "Undelivered")


class ProviderHost:
    """The simulator's servers, which may go down and come up again on the same ports.

    Args:
        simulator: The service; its books outlive the servers.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.url = ""
        self._ports = (0, 0)
        self._stack = AsyncExitStack()

    async def up(self) -> None:
        """Listen."""
        api, downloads = self._ports
        self.url = await self._stack.enter_async_context(running(self.simulator, port=api, download_port=downloads))
        self._ports = (_port(self.url), _port(self.simulator.download_url))

    async def down(self) -> None:
        """Refuse connections; running answers break off."""
        await self._stack.aclose()


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


class BotDatabase:
    """The bot's SQLite file, seen from another process.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def look(self, question: str, *values: Any) -> Any:
        """The first column of the first row of an answer; None if there is none."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            row = connection.execute(question, values).fetchone()
        return None if row is None else row[0]

    def lock(self) -> sqlite3.Connection:
        """Keep everybody else from writing until the connection returned is closed."""
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=5, check_same_thread=False)
        connection.execute("BEGIN IMMEDIATE")
        return connection

    def lock_with_a_job_in(self, state: str, *, within: float) -> sqlite3.Connection | None:
        """Do the same at the moment when a job is in a state that it leaves within milliseconds.

        Args:
            state: The state.
            within: Seconds.

        Returns:
            As above; None if the moment was missed.
        """
        ending = time.monotonic() + within
        question = "SELECT count(*) FROM jobs WHERE state = ?"
        with closing(sqlite3.connect(self.path, isolation_level=None)) as looking:
            # No rest in between: any would be longer than the moment.
            while not looking.execute(question, (state,)).fetchone()[0]:
                if time.monotonic() > ending:
                    return None
        caught = self.lock()
        if caught.execute(question, (state,)).fetchone()[0]:
            return caught
        caught.close()
        return None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One `/video create`."""

    studio: "Studio"
    interaction: Interaction
    prompt: str

    @property
    def place(self) -> Channel:
        """Where it was typed."""
        return self.interaction.channel

    @property
    def job_id(self) -> str:
        """The id in the bot's database."""
        found = self.studio.database.look("SELECT id FROM jobs WHERE interaction_id = ?", self.interaction.id)
        assert isinstance(found, str), f"{self.prompt!r} is not in the database"
        return found

    @property
    def state(self) -> str | None:
        """The state in the bot's database; None where there is no such job."""
        return self.studio.database.look("SELECT state FROM jobs WHERE interaction_id = ?", self.interaction.id)

    @property
    def cards(self) -> list[Message]:
        """The status cards that the asker sees in the place: one, if all is well."""
        seen = self.place.seen_by(self.interaction.user)
        return [one for one in seen if one.text.startswith("### ") and self.prompt in one.text]

    @property
    def card(self) -> Message:
        """The one status card."""
        [card] = self.cards
        return card

    @property
    def word(self) -> str:
        """What the card says of where it is; empty while there is none."""
        return next((card.text.partition("\n")[0].removeprefix("### ") for card in self.cards), "")

    @property
    def results(self) -> list[Message]:
        """Every message anywhere that holds the video: in channels, direct ones, and those that only one person sees."""
        return [
            message
            for channel in self.studio.discord.world.channels.values()
            for message in channel.messages.values()
            if not message.deleted
            if any(file.name.endswith(f".{self.job_id}.mp4") for file in message.files)
        ]

    @property
    def file(self) -> File:
        """The one file that was posted."""
        [result] = self.results
        [file] = result.files
        return file

    @property
    def uploads(self) -> list[Recorded]:
        """Every try to post the video, or to put it in place of an answer."""
        journal = self.studio.discord.journal
        return [one for call in (Call.CREATE_MESSAGE, Call.EDIT_ORIGINAL) for one in journal.of(call, self.uploads_it)]

    @property
    def paid(self) -> int:
        """How often the provider took money for it."""
        return len(self.studio.simulator.ledger.paid_creates(self.prompt))

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        return f"{self.word or (self.state or '').capitalize()}, paid {self.paid} ×, posted {len(self.results)} ×"

    @property
    def creates(self) -> int:
        """How often the provider was asked to make it, refused or not."""
        asked = self.studio.simulator.requests.all("/v1/video_generation")
        return sum(request.body["prompt"] == self.prompt for request in asked)

    @property
    def film(self) -> Film:
        """The provider's file."""
        [paid] = self.studio.simulator.ledger.paid_creates(self.prompt)
        task = self.studio.simulator.task(paid.task_id)
        assert task is not None
        film = self.studio.simulator.films.ready(film_order(task.order))
        assert film is not None
        return film

    @property
    def film_sha256(self) -> str:
        """The digest of the provider's file."""
        return self.film.sha256

    def uploads_it(self, request: Recorded) -> bool:
        """Whether a request posts this video, for rules and the journal."""
        return self.prompt in str(request.json) and "attachments" in request.json and request.json["attachments"] != []

    async def comes_to(self, state: str, *, within: float = 20.0) -> None:
        """Wait for a state in the bot's database, of which nobody else may hear.

        Args:
            state: The state.
            within: Seconds.

        Raises:
            AssertionError: It did not come there in time.
        """
        ending = time.monotonic() + within
        while self.state != state:
            assert time.monotonic() < ending, f"{self.prompt!r} is {self.state!r}, not {state!r}"
            await asyncio.sleep(0.02)

    async def says(self, text: str, *, within: float = 15.0) -> Message:
        """Wait until the card says something, and return it.

        Args:
            text: Anything on the card.
            within: Seconds.
        """
        found = await self.studio.discord.until(
            lambda: [card for card in self.cards if text in card.text],
            within=within,
            what=f"{text!r} on the card of {self.prompt!r}",
        )
        return found[0]

    async def over(self, *, within: float = 20.0) -> None:
        """Wait for its end, whichever it is.

        Args:
            within: Seconds.
        """
        await self.studio.discord.until(lambda: self.word in ENDS, within=within, what=f"the end of {self.prompt!r}")

    async def ended(self, word: str, *, within: float = 20.0) -> None:
        """Wait for its end.

        Args:
            word: The fixed word of the end.
            within: Seconds.

        Raises:
            AssertionError: It ended otherwise, or not in time.
        """
        await self.over(within=within)
        assert self.word == word, self.card.text

    async def delivered(self, *, within: float = 20.0) -> None:
        """Wait for its good end, and hold it to the promise: paid once, posted once, the very bytes, one true card.

        Args:
            within: Seconds.
        """
        await self.ended("Done", within=within)
        self.is_delivered_once()

    def is_delivered_once(self) -> None:
        """Hold it to the promise, as it stands."""
        [result] = self.results
        asker = self.interaction.user

        assert self.paid == 1
        assert self.file.sha256 == self.film_sha256
        assert (result.pinged, result.pinged_everyone) == ([asker.id], False)
        assert self.card.leads_to(result)

    def is_answered_once(self) -> None:
        """Hold it to the same where the video takes the card's place, which changes a message and posts none."""
        [result] = self.results

        assert self.paid == 1
        assert self.file.sha256 == self.film_sha256
        assert result is self.interaction.original
        assert self.cards == []


class Studio:
    """Everything around one bot.

    Args:
        discord: The fake Discord.
        host: The simulated provider.
        bot: The product.
        place: Where people ask unless another place is said.
        person: Who asks unless somebody else is said.
    """

    def __init__(self, discord: FakeDiscord, host: ProviderHost, bot: BotProcess, place: Channel, person: User) -> None:
        self.discord = discord
        self.host = host
        self.simulator = host.simulator
        self.bot = bot
        self.place = place
        self.person = person
        self.database = BotDatabase(Path(bot.env["DATA_DIR"]) / "bot.db")

    def another_place(self) -> Channel:
        """One more channel in the same server."""
        guild = self.place.guild
        assert guild is not None
        return self.discord.world.add_channel(guild, "more-videos")

    def strange_place(self) -> Channel:
        """A channel of a server where the bot is no member."""
        guild = self.discord.world.add_guild("Elsewhere", installed=False)
        return self.discord.world.add_channel(guild, "any")

    async def order(
        self, prompt: str, *, place: Channel | None = None, person: User | None = None, **options: Any
    ) -> Order:
        """Type `/video create`; nobody waits for the acknowledgement.

        Args:
            prompt: Plain words, different for each order.
            place: Where.
            person: Who.
            options: More options of the command.
        """
        interaction = await self.discord.slash(
            place or self.place, person or self.person, "video create", prompt=prompt, **options
        )
        return Order(studio=self, interaction=interaction, prompt=prompt)

    async def stop(self) -> None:
        """Stop the bot as an operator does: it must end by itself, in time and well."""
        self.bot.sigterm()
        assert await self.bot.exited(within=10) == 0


@asynccontextmanager
async def open_studio(
    contract: Contract, folder: Path, *, film_maker: FilmMaker, env: Mapping[str, str]
) -> AsyncGenerator[Studio]:
    """A studio with one server, one channel and one person; its bot is not started yet.

    At the end every request to Discord must have been one that Discord's document allows.

    Args:
        contract: That document.
        folder: An existing folder of its own.
        film_maker: Makes the provider's films.
        env: The bot's environment beside the addresses.
    """
    (folder / "cdn").mkdir()
    host = ProviderHost(single_key_simulator(SecretStr(KEY), RENDER_SECONDS, film_maker=film_maker))
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(FakeDiscord(contract, folder / "cdn"))
        place = discord.world.add_channel(discord.world.add_guild("Studio"), "videos")
        await host.up()
        stack.push_async_callback(host.down)
        settings = {"MINIMAX_BASE_URL": host.url, "MINIMAX_API_KEY": KEY, "LOG_LEVEL": "DEBUG", **env}
        bot = BotProcess(discord, folder, env=settings)
        stack.push_async_callback(bot.stop)
        try:
            yield Studio(discord, host, bot, place, discord.world.add_user("ada"))
        finally:
            # pytest shows both where a test failed.
            print(bot.log, "requests:", *discord.journal.lines(), sep="\n")  # noqa: T201
    assert discord.violations == []
