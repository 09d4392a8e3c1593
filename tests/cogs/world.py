"""One sample server with the real bot, service, engine, store and provider client; Discord and MiniMax are simulated.

Time stands still unless a test moves it, for the simulated Discord, the simulator and the bot alike.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import discord
import simcord
from pydantic import SecretStr
from simcord.backend import serializers
from simcord.enums import InteractionType
from simcord.interactions import base_payload
from simcord.results import InteractionResult

from cogs.access import Doors
from cogs.bot import VideoBot
from cogs.courier import DiscordCourier
from cogs.desk import Desk
from demo.attachments import ClientFetch
from demo.simulator.films import Film, FilmOrder
from demo.simulator.server import running
from demo.simulator.service import Simulator
from demo.simulator.tasks import Stages
from jobs.engine import Engine
from jobs.learning import PollPlans
from jobs.library import LibraryService
from jobs.limits import Limits
from jobs.model import Job
from jobs.service import JobService
from jobs.tools import Rules, Tools
from locales import Texts
from media.folder import VideoFolder, open_video_folder
from media.intake import AttachmentIntake
from minimax.catalog import MiniMaxCatalog
from minimax.client import MiniMaxClient
from minimax.prices import Prices
from minimax.session import open_sessions
from storage.store import SqlJobStore, open_store

from .contract import faults_of

KEY = "fake-key-of-the-tests"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
RENDERING = 60.0
STAGES = Stages(preparing=0, queueing=0, processing=RENDERING)
SLOW = Stages(preparing=0, queueing=0, processing=20 * 60.0)
"""A video that takes longer than Discord lets an answer be changed."""
MIB = 1024**2
KINDS = {str: 3, int: 4, bool: 5}
"""What Discord calls the types of options."""


@dataclass
class ManualClock:
    """A clock that shows what it is told, in epoch seconds."""

    at: float

    def now(self) -> float:
        return self.at

    def __call__(self) -> float:
        return self.at


@dataclass(frozen=True)
class Client:
    """What Discord says of the client, the server and the place, and how often it delivers the same interaction."""

    locale: str = "en-US"
    guild_locale: str = "en-US"
    deliveries: int = 1
    place: Mapping[str, Any] = field(default_factory=dict[str, Any])


CHINESE = Client(locale="zh-CN")


def guest_of(person: Any, *, group: bool = False, filesize_limit: int = 25 * MIB) -> Client:
    """A person who has brought the bot where it is no member (Discord docs, Authorizing Integration Owners).

    Args:
        person: Who has installed it for themselves.
        group: Whether the place is other people's direct messages instead of a server.
        filesize_limit: Bytes a file may have in the answer.
    """
    place = {
        "authorizing_integration_owners": {"1": str(person.id)},
        "context": 2 if group else 0,
        "attachment_size_limit": filesize_limit,
    }
    return Client(place=place)


@dataclass
class World:
    """What a test works with: people, places, and the parts of the program that it must look into."""

    env: simcord.Env
    simulator: Simulator
    clock: ManualClock
    store: SqlJobStore
    service: JobService
    engine: Engine
    courier: DiscordCourier
    shop: VideoFolder
    catalog: MiniMaxCatalog
    texts: Texts
    make_bot: Callable[..., VideoBot]
    guild: Any
    channel: Any
    alice: Any
    bob: Any

    async def later(self, seconds: float) -> None:
        """Time passes, and everything that fell due meanwhile is done."""
        self.clock.at += seconds
        await self.engine.run_due()

    async def finish(self) -> None:
        """Whatever is under way comes to its end."""
        for _ in range(40):
            await self.later(RENDERING / 4)
            if not await self.store.count_open():
                break
        await self.later(RENDERING)

    async def only_job(self) -> Job:
        jobs = [job for person in (self.alice, self.bob) for job in await self.store.jobs_of(person.id)]
        assert len(jobs) == 1
        return jobs[0]

    @property
    def posts(self) -> list[discord.Message]:
        return self.channel.history()

    @property
    def acknowledgements(self) -> list[dict[str, Any]]:
        """What Discord was first answered, interaction by interaction."""
        return [request.json for request in self.env.http_requests if request.path.endswith("/callback")]  # type: ignore[misc]

    async def typed(
        self, person: Any, command: str, /, client: Client | None = None, *, channel: Any = None, **options: Any
    ) -> InteractionResult:
        """The command as Discord delivers it; unlike `slash` it can come from any client, honest or not."""
        place = channel or self.channel
        root = self._root(person, place)
        given = [{"name": name, "type": KINDS[type(value)], "value": value} for name, value in options.items()]
        data = {
            "id": root["id"],
            "name": "video",
            "type": 1,
            "options": [{"name": command, "type": 1, "options": given}],
        }
        record, payload = self._interaction(InteractionType.APPLICATION_COMMAND, person, place, data)
        return await self._deliver(record, payload, client or Client())

    async def typing(
        self, person: Any, option: str, typed: str = "", /, client: Client | None = None, **filled: Any
    ) -> list[tuple[str, Any]]:
        """What an option of `/video create` offers while it is typed: names and values.

        Of a file that is attached already Discord may say nothing but its id: it is given here as that number.
        """
        files = {"image", "last_image", "subject"}
        given = [
            {"name": name, "type": 11, "value": str(value)}
            if name in files
            else {"name": name, "type": KINDS[type(value)], "value": value}
            for name, value in filled.items()
        ]
        given.append({"name": option, "type": 4 if option == "duration" else 3, "value": typed, "focused": True})
        data = {
            "id": self._root(person)["id"],
            "name": "video",
            "type": 1,
            "options": [{"name": "create", "type": 1, "options": given}],
        }
        kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        record, payload = self._interaction(kind, person, self.channel, data)
        result = await self._deliver(record, payload, client or Client())
        return [(choice["name"], choice["value"]) for choice in result.autocomplete_choices or ()]

    async def pressed(
        self, person: Any, message: Any, custom_id: str, client: Client | None = None
    ) -> InteractionResult:
        """A button pressed; unlike `click` in a client of any language."""
        place = message.channel_id if hasattr(message, "channel_id") else message.channel.id
        stored = self.env.backend.get_message(place, message.id)
        data = {"custom_id": custom_id, "component_type": 2}
        record, payload = self._interaction(InteractionType.MESSAGE_COMPONENT, person, discord.Object(place), data)
        payload["message"] = dict(serializers.message_payload(self.env.backend, stored))
        record.source_message_id = stored.id
        return await self._deliver(record, payload, client or Client())

    def _root(self, person: Any, place: Any = None) -> Any:
        visible = self.env.backend.visible_commands(user_id=person.id, channel_id=(place or self.channel).id)
        return next(root for root in visible if root["name"] == "video")

    def _interaction(self, kind: InteractionType, person: Any, place: Any, data: dict[str, Any]) -> Any:
        guild_id = self.env.backend.get_channel(place.id).guild_id
        return base_payload(
            self.env.backend, type=kind, channel_id=place.id, guild_id=guild_id, user_id=person.id, data=data
        )

    async def _deliver(self, record: Any, payload: dict[str, Any], client: Client) -> InteractionResult:
        payload |= {"locale": client.locale, "guild_locale": client.guild_locale, **client.place}
        for _ in range(client.deliveries):
            self.env.backend.emit("INTERACTION_CREATE", payload)
        await self.env.settle()
        return InteractionResult(self.env, record)


def close_direct_messages(world: World) -> None:
    """Alice takes no direct messages from the bot any more."""
    dm = world.alice.user.dm_channel
    world.env.inject_error("POST", f"/channels/{dm.id}/messages", status=403, code=50007, times=None)


def words(message: Any) -> str:
    """Everything a person can read on a message, buttons included."""
    return "\n".join(_words(component) for component in _components(message)) + str(message.content)


def buttons(message: Any) -> dict[str, str]:
    """The labels of a message's buttons, and their ids."""
    found: dict[str, str] = {}
    for part in _walk(_components(message)):
        if part.get("type") == 2 and "custom_id" in part:
            found[part["label"]] = part["custom_id"]
    return found


def links(message: Any) -> list[str]:
    """Where a message's link buttons lead."""
    return [part["url"] for part in _walk(_components(message)) if part.get("type") == 2 and "url" in part]


def _components(message: Any) -> list[dict[str, Any]]:
    if isinstance(message, discord.Message):
        return [component.to_dict() for component in message.components]  # type: ignore[misc]
    return message.components


def _walk(components: Any) -> Any:
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))
        yield from _walk([component["accessory"]] if "accessory" in component else ())


def _words(component: dict[str, Any]) -> str:
    own = [part.get("content") or part.get("label") or "" for part in _walk([component])]
    return "\n".join(text for text in own if text)


def _film(_: FilmOrder) -> Film:
    return Film(FILM)


@asynccontextmanager
async def _simulated_discord(bot: VideoBot) -> AsyncGenerator[simcord.Env]:
    # As `simcord.run`, but fit for a fixture, whose two halves run in different contexts. What the bot's one error
    # handler words for a person counts as an error there: tests look at the words instead.
    env = simcord.Env(bot, shard_count=1, check_errors=False)
    await env.start()
    try:
        yield env
    finally:
        await env.shutdown()
    faults = faults_of(env.http_requests)
    assert not faults, "\n".join(faults)


@asynccontextmanager
async def open_world(
    folder: Path,
    *,
    doors: Doors | None = None,
    limits: Limits | None = None,
    sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    owner_ids: tuple[int, ...] = (),
    upload_limit: int = 10 * MIB,
    dev_guild_id: int | None = None,
    user_installs: bool = False,
    prices: Prices | None = None,
    stages: Stages = STAGES,
) -> AsyncGenerator[World]:
    """Opens everything a running bot has, in an empty folder."""
    clock = ManualClock(0.0)

    def plan(*_: object) -> Stages:
        return stages

    simulator = Simulator(
        keys={"bot": SecretStr(KEY)}, plan=plan, film_maker=_film, clock=clock, seed=7, currency="USD"
    )
    texts = Texts.load()
    catalog = MiniMaxCatalog(prices=prices)
    incidents = itertools.count(1)
    async with (
        open_store(f"sqlite+aiosqlite:///{folder}/bot.db") as store,
        open_video_folder(folder, alone=True, now=0.0) as shop,
        open_sessions() as sessions,
        running(simulator) as base_url,
    ):
        service = JobService(
            store=store,
            catalog=catalog,
            limits=limits or Limits(),
            clock=clock,
            random=Random(1),
            wake=lambda: None,
        )

        def make_bot(*, doors: Doors | None = doors) -> VideoBot:
            async def fetch_file(url: str, path: Path, *, limit: int) -> None:
                await ClientFetch(made)(url, path, limit=limit)

            desk = Desk(
                service=service,
                library=LibraryService(store=store, library=store.library, clock=clock),
                choices=catalog,
                texts=texts,
                doors=doors or Doors(),
                fetch_file=fetch_file,
                folder=folder,
                unpublish=shop.unpublish,
                upload_limit=upload_limit,
                sleep=sleep,
                incident=lambda: f"incident{next(incidents)}",
            )
            made = VideoBot(desk=desk, memory=store, dev_guild_id=dev_guild_id, user_installs=user_installs)
            return made

        bot = make_bot()
        async with _simulated_discord(bot) as env:
            clock.at = env.now().timestamp()
            courier = DiscordCourier(bot, texts, clock=clock, owner_ids=owner_ids)
            tools = Tools(
                store=store,
                library=store.library,
                provider=MiniMaxClient(sessions, base_url=base_url, api_key=SecretStr(KEY), clock=clock),
                catalog=catalog,
                courier=courier,
                shop=shop,
                intake=AttachmentIntake(ClientFetch(bot), folder=folder),
                plans=PollPlans(store, Rules().polling, clock),
                clock=clock,
                random=Random(2),
                rules=Rules(),
            )
            guild = env.create_guild()
            yield World(
                env=env,
                simulator=simulator,
                clock=clock,
                store=store,
                service=service,
                engine=Engine(tools, owner="test"),
                courier=courier,
                shop=shop,
                catalog=catalog,
                texts=texts,
                make_bot=make_bot,
                guild=guild,
                channel=guild.create_text_channel("general"),
                alice=guild.add_member(env.create_user("alice")),
                bob=guild.add_member(env.create_user("bob")),
            )
