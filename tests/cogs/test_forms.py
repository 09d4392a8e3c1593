"""What holds for every form: Discord's sizes, what is kept for it, who may send it, and what becomes of mishaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from simcord.enums import InteractionType
from simcord.interactions import base_payload
from simcord.results import InteractionResult

from cogs.access import Doors
from cogs.forms.fields import LONGEST_PROMPT
from cogs.forms.kinds import KINDS
from cogs.ui.drafts import reopening
from cogs.uploads import LARGEST_FILM, LARGEST_PICTURE
from jobs.errors import StoreUnavailable
from jobs.library import new_draft_key
from jobs.model import MediaSource, Role
from locales import Texts
from media.intake import FILM_LIMIT, PICTURE_LIMIT
from minimax.catalog import MiniMaxCatalog
from minimax.prices import parse_prices

from .files import picture
from .filling import form, send
from .world import World, buttons, open_world, words

EVERYTHING = MiniMaxCatalog(
    prices=parse_prices(
        [
            *(f"{model}:720P:6=1" for model in ("T2V-01", "T2V-01-Director", "I2V-01", "I2V-01-live", "S2V-01")),
            *(f"MiniMax-H3-{kind}:768P:{length}=1" for kind in ("Highspeed", "Lite") for length in range(4, 16)),
        ]
    )
)
"""As much as an operator can put on offer."""

NAMED = "a-very-long-name-of-a-file" * 4 + ".png"
PICTURES = tuple(
    MediaSource(role=Role.FIRST_FRAME, url=f"{number}", filename=NAMED, size=10_000_000) for number in range(3)
)
KNOWN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a long prompt": {"prompt": "x" * (LONGEST_PROMPT + 1)},
    "a picture": {"inputs": PICTURES[:1], "model": "MiniMax-Hailuo-02", "camera": ("Pan left", "Tilt up", "Zoom in")},
    "pictures": {"inputs": PICTURES},
    "a reference": {
        "inputs": (MediaSource(role=Role.REFERENCE_IMAGE, url="1", filename=NAMED, size=1),),
        "model": "MiniMax-H3",
        "ratio": "9:16",
    },
}


FORMS = {
    f"{name}, {what}": (name, known)
    for name, kind in KINDS.items()
    for what, known in KNOWN.items()
    if what != "pictures" or "source" in kind.fields
}
"""Every form, with whatever may be known of it; only those that let one choose know of several pictures."""


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize(("name", "known"), FORMS.values(), ids=FORMS)
async def test_whatever_is_known_a_form_keeps_to_discord_s_sizes(
    texts: Texts, locale: str, name: str, known: dict[str, Any]
) -> None:
    shown = form(name, EVERYTHING, texts.for_locale(locale), **known)

    assert len(shown["title"]) <= 45
    assert 1 <= len(shown["components"]) <= 5
    for label in shown["components"]:
        part = label["component"]
        assert len(label["label"]) <= 45
        assert len(label.get("description") or "") <= 100
        assert len(part.get("value") or "") <= LONGEST_PROMPT
        assert len(part.get("placeholder") or "") <= 100
        assert len(part.get("options", [0])) in range(1, 26)
        for option in part.get("options", ()):
            assert len(option["label"]) <= 100
            assert len(option.get("description") or "") <= 100
        assert sum(bool(option.get("default")) for option in part.get("options", ())) <= part.get("max_values", 1)


@pytest.mark.parametrize("name", KINDS)
async def test_ids_are_short_enough_for_discord(texts: Texts, name: str) -> None:
    view = reopening(name, new_draft_key(), texts.for_locale("en-US"))

    [button] = view.to_components()[0]["components"]
    assert len(button["custom_id"]) <= 100


async def test_what_may_be_sent_is_what_the_intake_takes() -> None:
    assert (LARGEST_PICTURE, LARGEST_FILM) == (PICTURE_LIMIT, FILM_LIMIT)


async def test_a_form_is_no_way_around_the_allow_list(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        shown = await world.alice.slash(world.channel, "video compose")
        await world.env.restart_bot(world.make_bot(doors=Doors(guild_ids=frozenset({1}))))
        result = await send(world.alice, shown, prompt="a fox")

        assert result.ephemeral
        assert "not enabled for this server" in words(result.response)
        assert not await world.store.jobs_of(world.alice.id)


async def test_opening_one_again_is_no_way_around_the_allow_list(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        shown = await world.alice.slash(world.channel, "video compose")
        refused = await send(world.alice, shown)
        await world.env.restart_bot(world.make_bot(doors=Doors(guild_ids=frozenset({1}))))
        [button] = buttons(refused.response).values()
        result = await world.pressed(world.alice, refused.response, button)

        assert result.modal is None
        assert "not enabled for this server" in words(result.response)


async def test_a_form_whose_matter_is_no_longer_kept_is_answered(world: World) -> None:
    message = await world.bob.send(world.channel, "look", attachments=[picture()])
    shown = await world.alice.context_menu(world.channel, "Animate this image", message)
    world.clock.at += 2 * 86400
    result = await send(world.alice, shown, prompt="it sails")

    assert result.ephemeral
    assert "What you had begun is no longer kept" in words(result.response)
    assert "Nothing was charged." in words(result.response)


async def test_a_form_sent_twice_makes_one_video(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video compose")
    emit = world.env.backend.emit

    def twice(event: str, *args: Any, **kwargs: Any) -> None:
        emit(event, *args, **kwargs)
        if event == "INTERACTION_CREATE":
            emit(event, *args, **kwargs)

    world.env.backend.emit = twice  # type: ignore[method-assign]
    await send(world.alice, shown, prompt="a fox")

    assert len(await world.store.jobs_of(world.alice.id)) == 1


async def test_where_the_database_is_away_nothing_is_said_to_be_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("gone")

    shown = await world.alice.slash(world.channel, "video compose")
    monkeypatch.setattr(world.store.library, "keep_draft", away)
    result = await send(world.alice, shown)

    assert result.ephemeral
    assert "The database cannot be reached just now." in words(result.response)
    assert buttons(result.response) == {}


async def test_a_mishap_offers_no_second_try_for_nobody_knows_whether_it_was_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.service, "submit", broken)
    result = await send(world.alice, await world.alice.slash(world.channel, "video compose"), prompt="a fox")

    assert "incident1" in words(result.response)
    assert buttons(result.response) == {}


@pytest.mark.parametrize("custom_id", ["somebody:else", "video", "video:unheard-of:1"])
async def test_other_people_s_forms_are_left_alone(world: World, custom_id: str) -> None:
    record, payload = base_payload(
        world.env.backend,
        type=InteractionType.MODAL_SUBMIT,
        channel_id=world.channel.id,
        guild_id=world.guild.id,
        user_id=world.alice.id,
        data={"custom_id": custom_id, "components": []},
    )
    world.env.backend.emit("INTERACTION_CREATE", payload)
    await world.env.settle()

    assert not InteractionResult(world.env, record).acknowledged
