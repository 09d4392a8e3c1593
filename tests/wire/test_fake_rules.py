"""The rules that the fake holds requests against, asked directly over its REST sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.wire.fake_discord import (
    MIB,
    Call,
    CannotType,
    Channel,
    ChannelKind,
    FakeDiscord,
    Guild,
    LocalFile,
    Message,
    Permission,
    User,
)
from tests.wire.fake_discord.commands import CommandKind
from tests.wire.fake_discord.interactions import InteractionKind
from tests.wire.fake_discord.layout import IS_COMPONENTS_V2
from tests.wire.fake_discord.mentions import notified
from tests.wire.fake_discord.values import Json


@dataclass
class Rest:
    """A bot reduced to its HTTP requests."""

    discord: FakeDiscord
    session: aiohttp.ClientSession

    async def __call__(self, method: str, path: str, body: object = None, *files: tuple[str, bytes]) -> tuple[int, Any]:
        """Send a request, with ``files[n]`` where files are given; return the status and the JSON."""
        send: dict[str, Any] = {"json": body} if body is not None else {}
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body))
            for index, (name, data) in enumerate(files):
                form.add_field(f"files[{index}]", data, filename=name)
            send = {"data": form}
        headers = {"Authorization": f"Bot {self.discord.token}"}
        async with self.session.request(method, self.discord.api + path, headers=headers, **send) as response:
            return response.status, await response.json() if response.status != 204 else None

    async def code(self, method: str, path: str, body: object = None, *files: tuple[str, bytes]) -> int:
        """Send a request and return the error code it is refused with; 0 when it is accepted."""
        status, answer = await self(method, path, body, *files)
        return answer["code"] if status >= 400 else 0


@pytest.fixture
async def rest(discord: FakeDiscord) -> AsyncIterator[Rest]:
    """Send requests as the bot."""
    async with aiohttp.ClientSession() as session:
        yield Rest(discord, session)


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def v2(*components: Json, **more: Any) -> Json:
    return {"flags": IS_COMPONENTS_V2, "components": list(components), **more}


def gallery(name: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": f"attachment://{name}"}}]}


BUTTON: Json = {"type": 2, "style": 2, "label": "Again", "custom_id": "again"}


@pytest.mark.parametrize(
    "body",
    [
        v2(text("a"), content="beside it"),
        v2(text("a"), embeds=[{"title": "beside it"}]),
        v2(*[text("a")] * 41),
        v2({"type": 17, "components": [text("a")] * 40}),
        v2(text("a" * 2001), text("b" * 2000)),
        v2(gallery("missing.mp4")),
        v2({"type": 1, "components": [BUTTON, BUTTON]}),
        v2(BUTTON),
        {"components": [text("without the flag")]},
        {"content": "a", "flags": 1 << 13},
        {"content": "a", "message_reference": {"message_id": "1"}},
        {"content": "a" * 2001},
        {"content": "a", "nonce": "n" * 26},
    ],
)
async def test_a_message_that_breaks_a_rule_is_refused_as_an_invalid_form_body(
    body: Json, rest: Rest, channel: Channel, discord: FakeDiscord
) -> None:
    assert await rest.code("POST", f"/channels/{channel.id}/messages", body) == 50035
    assert channel.timeline == []
    discord.violations.clear()


async def test_an_empty_message_is_refused(rest: Rest, channel: Channel) -> None:
    assert await rest.code("POST", f"/channels/{channel.id}/messages", {"content": ""}) == 50006


async def test_requests_outside_the_document_are_collected(rest: Rest, channel: Channel, discord: FakeDiscord) -> None:
    await rest("POST", f"/channels/{channel.id}/messages", {"content": 5})
    await rest("POST", f"/channels/{channel.id}/messages", {"content": "a" * 2001})
    await rest("PATCH", "/guilds/1/stickers/2", {})

    assert len(discord.violations) == 3
    discord.violations.clear()


async def test_what_is_wrong_is_told_of_requests_without_effect_too_and_names_the_place(
    rest: Rest, channel: Channel, discord: FakeDiscord
) -> None:
    row = {"type": 1, "components": [{**BUTTON, "label": "a" * 81}]}
    discord.faults.answer(Call.CREATE_MESSAGE, 502)
    await rest("POST", f"/channels/{channel.id}/messages", v2({"type": 17, "components": [row]}))

    [wrong] = discord.violations
    assert wrong.endswith("is longer than 80 characters at /components/0/components/0/components/0/label")
    discord.violations.clear()


async def test_the_components_flag_stays_and_unlisted_attachments_go(rest: Rest, channel: Channel) -> None:
    path = f"/channels/{channel.id}/messages"
    body = v2(gallery("a.mp4"), gallery("b_c.mp4"))
    status, made = await rest("POST", path, body, ("a.mp4", b"aaa"), ("b c.mp4", b"bb"))
    (message,) = channel.timeline

    assert status == 200
    assert made["attachments"] == []
    shown = [part["items"][0]["media"] for part in made["components"]]
    assert [one["url"].partition("?")[0].rsplit("/", 1)[1] for one in shown] == ["a.mp4", "b_c.mp4"]
    assert await rest.code("PATCH", f"{path}/{message.id}", {"content": "plain again", "flags": 0}) == 50035

    kept = v2(gallery("a.mp4"), attachments=[{"id": shown[0]["attachment_id"]}])
    assert await rest.code("PATCH", f"{path}/{message.id}", kept) == 0
    assert [file.read() for file in message.files] == [b"aaa"]
    assert await rest.code("PATCH", f"{path}/{message.id}", v2(text("none"), attachments=[])) == 0
    assert message.files == []


async def test_a_nonce_makes_one_message_while_its_window_lasts(
    rest: Rest, channel: Channel, discord: FakeDiscord
) -> None:
    path, body = f"/channels/{channel.id}/messages", {"content": "a", "nonce": "job-1", "enforce_nonce": True}
    _, first = await rest("POST", path, body)
    _, second = await rest("POST", path, body)
    assert first["id"] == second["id"]

    await rest("POST", path, {"content": "a", "nonce": "job-1"})
    assert len(channel.timeline) == 2

    assert await rest.code("DELETE", f"{path}/{first['id']}") == 0
    assert await rest.code("POST", path, body) == 10008

    discord.board.nonce_window = 0
    assert await rest.code("POST", path, body) == 0


async def test_history_pages_newest_first(rest: Rest, channel: Channel, discord: FakeDiscord, person: User) -> None:
    said = [discord.say(channel, person, str(number)) for number in range(3)]
    await asyncio.sleep(0.01)  # The next ones are farther off than the ones before.
    said += [discord.say(channel, person, str(number)) for number in range(3, 5)]

    async def page(query: str) -> list[str]:
        _, found = await rest("GET", f"/channels/{channel.id}/messages?{query}")
        return [one["content"] for one in found]

    assert await page("limit=2") == ["4", "3"]
    assert await page(f"limit=2&before={said[3].id}") == ["2", "1"]
    assert await page(f"limit=2&after={said[1].id}") == ["3", "2"]
    assert await page(f"limit=3&around={said[2].id}") == ["3", "2", "1"]
    assert await rest.code("GET", f"/channels/{channel.id}/messages?limit=0") == 50035
    channel.app_permissions &= ~Permission.READ_MESSAGE_HISTORY
    assert await page("limit=2") == []
    assert await rest.code("GET", f"/channels/{channel.id}/messages/{said[0].id}") == 50013


async def test_permissions_decide_where_the_bot_may_post(
    rest: Rest, channel: Channel, guild: Guild, discord: FakeDiscord, person: User
) -> None:
    async def post(where: Channel, *files: tuple[str, bytes]) -> int:
        return await rest.code("POST", f"/channels/{where.id}/messages", {"content": "a"}, *files)

    world = discord.world
    thread = world.add_thread(channel, "talk")
    assert await post(channel) == 0
    assert await post(thread) == 0
    assert await post(world.add_channel(guild, "forum", ChannelKind.FORUM)) == 50008
    thread.app_permissions &= ~Permission.SEND_MESSAGES_IN_THREADS
    assert await post(thread) == 50013
    channel.app_permissions &= ~Permission.ATTACH_FILES
    assert await post(channel, ("a.mp4", b"a")) == 50013
    channel.app_permissions &= ~Permission.VIEW_CHANNEL
    assert await post(channel) == 50001
    assert await post(world.add_channel(world.add_guild("Elsewhere", installed=False), "any")) == 50001
    _, opened = await rest("POST", "/users/@me/channels", {"recipient_id": str(person.id)})
    dm = world.dm(person)
    assert opened["id"] == str(dm.id)
    assert await post(dm, ("a.mp4", b"a")) == 0
    dm.refuses = 50007
    assert await post(dm) == 50007
    assert await rest.code("POST", "/channels/1/messages", {"content": "a"}) == 10003


async def test_file_limits_follow_the_server_the_person_and_the_configured_default(
    rest: Rest, channel: Channel, guild: Guild, discord: FakeDiscord, person: User
) -> None:
    discord.world.upload_limit = 100
    path = f"/channels/{channel.id}/messages"

    assert await rest.code("POST", path, {"content": "a"}, ("a.mp4", bytes(101))) == 40005
    person.upload_limit = 200
    assert discord.desk.upload_limit(channel, person) == 200
    assert await rest.code("POST", path, {"content": "a"}, ("a.mp4", bytes(101))) == 40005
    guild.premium_tier = 3
    assert discord.world.upload_limit_of(channel) == 100 * MIB
    assert await rest.code("POST", path, {"content": "a"}, ("a.mp4", bytes(101))) == 0


async def test_files_are_served_until_their_link_expires(
    rest: Rest, channel: Channel, discord: FakeDiscord, person: User
) -> None:
    await rest("POST", f"/channels/{channel.id}/messages", {"content": "a"}, ("a.mp4", b"video"))
    (file,) = channel.posted_files
    _, shown = await rest("GET", f"/channels/{channel.id}/messages/{channel.timeline[0].id}")
    url = shown["attachments"][0]["url"]

    async with rest.session.get(url) as response:
        assert (await response.read(), response.content_type) == (b"video", "video/mp4")
    file.expired = True
    async with rest.session.get(url) as response:
        assert response.status == 404
    assert discord.keep_file(channel, LocalFile("cat.png", b"cat")).ephemeral
    assert person.mention == f"<@{person.id}>"


async def test_rules_strike_the_requests_they_name_and_no_others(
    rest: Rest, channel: Channel, guild: Guild, discord: FakeDiscord
) -> None:
    other = discord.world.add_channel(guild, "other")
    discord.faults.answer(
        Call.CREATE_MESSAGE, 503, where=lambda request: request.channel_id == other.id, nth=2, times=2
    )

    async def statuses(where: Channel) -> list[int]:
        return [(await rest("POST", f"/channels/{where.id}/messages", {"content": "a"}))[0] for _ in range(4)]

    assert await statuses(channel) == [200, 200, 200, 200]
    assert await statuses(other) == [200, 503, 503, 200]
    assert [one.status for one in discord.journal.of(Call.CREATE_MESSAGE)][-3:] == [503, 503, 200]


async def test_commands_are_offered_only_where_they_belong(
    rest: Rest, channel: Channel, guild: Guild, discord: FakeDiscord, person: User
) -> None:
    def find(name: str, where: Channel) -> Json:
        return discord.commands.find(CommandKind.SLASH, name, where, person)

    bot, world = discord.world.bot.id, discord.world
    common = {"type": 1, "description": "d"}
    bodies = [
        {**common, "name": "anywhere"},
        {**common, "name": "servers", "contexts": [0]},
        {**common, "name": "admins", "default_member_permissions": 32},
    ]
    _, first = await rest("PUT", f"/applications/{bot}/commands", bodies)
    _, again = await rest("PUT", f"/applications/{bot}/commands", bodies)
    await rest("PUT", f"/applications/{bot}/guilds/{guild.id}/commands", [{**common, "name": "local"}])

    assert [one["id"] for one in first] == [one["id"] for one in again]
    assert (await rest("GET", f"/applications/{bot}/commands"))[1] == again
    assert find("servers", channel)["id"] == first[1]["id"]
    assert find("local", channel)["guild_id"] == str(guild.id)
    elsewhere = world.add_channel(world.add_guild("Elsewhere", installed=False), "any")
    for name, where in (
        ("servers", world.dm(person)),
        ("admins", channel),
        ("local", world.dm(person)),
        ("anywhere", elsewhere),
    ):
        with pytest.raises(CannotType):
            find(name, where)
    person.permissions |= Permission.MANAGE_GUILD
    assert find("admins", channel)["name"] == "admins"


async def test_a_token_answers_where_the_bot_is_no_member_but_only_five_times_more(
    rest: Rest, discord: FakeDiscord, person: User
) -> None:
    elsewhere = discord.world.add_channel(discord.world.add_guild("Elsewhere", installed=False), "any")
    interaction = discord.desk.open(InteractionKind.COMMAND, {}, elsewhere, person)
    webhook = f"/webhooks/{discord.world.bot.id}/{interaction.token}"
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"

    assert interaction.payload["authorizing_integration_owners"] == {"1": str(person.id)}
    assert await rest.code("POST", webhook, {"content": "too early"}) == 10015
    assert await rest.code("POST", callback, {"type": 5, "data": {"flags": 64}}) == 0
    assert await rest.code("POST", callback, {"type": 4, "data": {"content": "second"}}) == 40060
    _, original = await rest("GET", f"{webhook}/messages/@original")
    assert original["flags"] == 64 | 128
    _, first = await rest("POST", webhook, {"content": "becomes the answer"})
    assert first["id"] == original["id"]
    assert [await rest.code("POST", webhook, {"content": "more"}) for _ in range(6)] == [0] * 5 + [40094]
    assert await rest.code("PATCH", f"{webhook}/messages/{interaction.followups[0].id}", {"content": "b"}) == 0
    assert await rest.code("DELETE", f"{webhook}/messages/@original") == 0
    assert await rest.code("PATCH", f"{webhook}/messages/@original", {"content": "b"}) == 10008
    assert await rest.code("POST", "/interactions/1/unknown/callback", {"type": 5}) == 10062


async def test_only_a_form_that_was_opened_from_a_message_may_change_it(
    rest: Rest, channel: Channel, discord: FakeDiscord, person: User
) -> None:
    async def first_response(kind: int, source: Message | None) -> int:
        form = discord.desk.open(InteractionKind.MODAL, {}, channel, person, source=source)
        body = {"type": kind, "data": {"content": "changed"}}
        return await rest.code("POST", f"/interactions/{form.id}/{form.token}/callback?with_response=1", body)

    await rest("POST", f"/channels/{channel.id}/messages", {"content": "a"})
    [message] = channel.timeline
    assert await first_response(7, None) == 50035
    assert await first_response(7, message) == 0
    assert message.content == "changed"


async def test_an_ephemeral_message_cannot_be_reached_through_its_channel(
    rest: Rest, channel: Channel, discord: FakeDiscord, person: User
) -> None:
    interaction = discord.desk.open(InteractionKind.COMMAND, {}, channel, person)
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
    await rest("POST", callback, {"type": 4, "data": {"content": "only you", "flags": 64}})

    assert interaction.original is not None
    path = f"/channels/{channel.id}/messages/{interaction.original.id}"
    assert await rest.code("PATCH", path, {"content": "b"}) == 10008


@pytest.mark.parametrize(
    ("allowed", "people", "everyone"),
    [
        (None, [1, 2], True),
        ({"parse": []}, [], False),
        ({"parse": ["users"]}, [1, 2], False),
        ({"parse": [], "users": ["2"]}, [2], False),
        ({"parse": ["everyone"]}, [], True),
    ],
)
def test_allowed_mentions_decide_who_is_notified(allowed: Json | None, people: list[int], everyone: bool) -> None:
    assert notified("<@1> <@!2> <@1> @everyone", allowed) == (people, everyone)


def test_a_reply_notifies_its_author_when_asked_to() -> None:
    assert notified("hi", {"parse": [], "replied_user": True}, replied_to=7) == ([7], False)
    assert notified("hi", {"parse": []}, replied_to=7) == ([], False)
