"""Places, menus and forms of the fake: what discord.py makes of them, and what no client would let a person send."""

from typing import Any

import pytest

from tests.wire.fake_discord import CannotType, Channel, ChannelKind, FakeDiscord, LocalFile, Permission, User
from tests.wire.fake_discord.forms import submitted
from tests.wire.fake_discord.values import Json

PICTURE = LocalFile("cat.png", b"not really a cat")


@pytest.fixture
def elsewhere(discord: FakeDiscord) -> Channel:
    """A channel of a server where the bot is no member."""
    return discord.world.add_channel(discord.world.add_guild("Elsewhere", installed=False), "any")


@pytest.mark.usefixtures("sample")
async def test_the_bot_is_told_for_whom_it_is_installed(
    discord: FakeDiscord, channel: Channel, elsewhere: Channel, person: User
) -> None:
    async def where(place: Channel) -> str:
        return (await (await discord.slash(place, person, "sample where")).answer()).text

    group = discord.world.add_group("friends", person, discord.world.add_user("grace"))
    assert await where(elsewhere) == "[0] tier 0 en-US en-US True guest"
    assert await where(group) == "[2] tier None en-US None True guest"
    person.carries_app = True
    assert await where(channel) == "[0] tier 0 en-US en-US True member"
    assert (await discord.slash(channel, person, "sample where")).payload["authorizing_integration_owners"].keys() == {
        "0",
        "1",
    }


@pytest.mark.usefixtures("sample")
async def test_a_server_may_keep_its_members_own_apps_from_speaking_to_all(
    discord: FakeDiscord, elsewhere: Channel, person: User
) -> None:
    async def seen_by() -> User | None:
        return (await (await discord.slash(elsewhere, person, "sample now", text="a")).answer()).seen_by

    assert await seen_by() is None
    elsewhere.denied[person.id] = Permission.USE_EXTERNAL_APPS
    assert await seen_by() is person


@pytest.mark.usefixtures("sample")
async def test_a_channel_is_picked_with_what_the_person_may_do_there(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    async def pick(place: Channel) -> str:
        shown = await (await discord.slash(channel, person, "sample pick")).answer()
        await (await discord.choose(shown, person, "sample:pick", place)).acknowledged()
        return shown.text

    guild = channel.guild
    assert guild is not None
    quiet = discord.world.add_channel(guild, "quiet")
    quiet.denied[person.id] = Permission.SEND_MESSAGES
    assert await pick(channel) == "videos True"
    assert await pick(quiet) == "quiet False"
    assert await pick(discord.world.add_thread(channel, "talk")) == "talk True"
    with pytest.raises(CannotType):
        await pick(discord.world.add_channel(guild, "talk", ChannelKind.VOICE))


@pytest.mark.usefixtures("sample")
async def test_a_forwarded_picture_is_seen_in_the_forward(discord: FakeDiscord, channel: Channel, person: User) -> None:
    original = discord.say(channel, person, "look", PICTURE)
    forward = discord.say(channel, person, forwards=original)

    seen = await (await discord.menu(forward, person, "Look at this")).answer()
    assert seen.text == " ['cat.png']"


@pytest.mark.usefixtures("sample")
async def test_only_who_sees_a_message_presses_its_buttons(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    private = await (await discord.slash(channel, person, "sample pick")).answer()
    public = await (await discord.slash(channel, person, "sample now", text="a")).answer()
    with pytest.raises(CannotType):
        await discord.choose(private, discord.world.add_user("grace"), "sample:pick", channel)
    public.deleted = True
    with pytest.raises(CannotType):
        await discord.press(public, person, "sample:again:j1")


def text(**more: Any) -> Json:
    return {"type": 4, "custom_id": "field", "style": 1, **more}


def menu(**more: Any) -> Json:
    return {
        "type": 3,
        "custom_id": "field",
        "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}],
        **more,
    }


def entered(component: Json, **fields: Any) -> Any:
    modal = {"custom_id": "form", "components": [{"type": 18, "label": "Field", "component": component}]}
    data = submitted(modal, fields, lambda _resolved, picked: str(picked))
    return {key: value for key, value in data["components"][0]["component"].items() if key in ("value", "values")}


@pytest.mark.parametrize(
    ("component", "fields", "sent"),
    [
        (text(value="a cat"), {}, {"value": "a cat"}),
        (text(value="a cat"), {"field": "a dog"}, {"value": "a dog"}),
        (text(required=False), {}, {"value": ""}),
        (menu(), {"field": ["b"]}, {"values": ["b"]}),
        (menu(required=False), {}, {"values": []}),
        ({**menu(), "options": [{"label": "A", "value": "a", "default": True}]}, {}, {"values": ["a"]}),
        (menu() | {"type": 21}, {"field": "a"}, {"value": "a"}),
        (menu(required=False) | {"type": 21}, {}, {"value": None}),
        (menu(required=False, max_values=2) | {"type": 22}, {"field": ["a", "b"]}, {"values": ["a", "b"]}),
        ({"type": 23, "custom_id": "field", "default": True}, {}, {"value": True}),
        ({"type": 23, "custom_id": "field"}, {}, {"value": False}),
    ],
)
def test_a_form_is_sent_as_it_was_filled_in(component: Json, fields: dict[str, Any], sent: Json) -> None:
    assert entered(component, **fields) == sent


@pytest.mark.parametrize(
    ("component", "fields"),
    [
        (text(), {}),
        (text(max_length=3), {"field": "abcd"}),
        (text(), {"another": "a"}),
        (menu(), {}),
        (menu(), {"field": ["c"]}),
        (menu(), {"field": ["a", "b"]}),
        (menu() | {"type": 21}, {}),
        ({"type": 19, "custom_id": "field"}, {"field": []}),
        ({"type": 19, "custom_id": "field"}, {"field": ["no file"]}),
        ({"type": 19, "custom_id": "field"}, {"field": [PICTURE, PICTURE]}),
    ],
)
def test_a_form_is_not_sent_as_nobody_could_fill_it_in(component: Json, fields: dict[str, Any]) -> None:
    with pytest.raises(CannotType):
        entered(component, **fields)
