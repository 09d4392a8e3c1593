"""The finished video: what stands under it, in any language and at any length, and what can be done with it where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.ui.buttons import JobButton
from cogs.ui.result import link_buttons, link_text, render_link, render_result
from cogs.ui.share import render_shared
from jobs.model import (
    Delivery,
    Derivation,
    Derived,
    Job,
    JobState,
    MediaSource,
    Note,
    Role,
)
from locales import Texts

from .jobs import NOW, job_in

LOCALES = ("en-US", "zh-CN")
EXTENDED = Derivation(kind=Derived.EXTEND, source_id="job00000", chain=("https://discord.com/channels/1/2/3",))
SECRET = MediaSource(role=Role.FIRST_FRAME, url="https://cdn.example.com/1", filename="a.png", size=1, spoiler=True)
PROMPTS = {
    "marks": "*" * 2000,
    "Chinese": "雪中的狐狸" * 400,
    "Arabic": "ثعلب أحمر في الثلج! " * 100,
    "Hebrew and English": "שועל אדום says 'hi' (twice) בשלג",
    "one long word": "a" * 2000,
    "lines": "\n".join(f"- {number}" for number in range(500)),
    "emoji": "👨‍👩‍👧‍👦" * 280,
    "nothing": "",
}


@pytest.fixture
def film(tmp_path: Path) -> Iterator[discord.File]:
    path = tmp_path / "fox.job00001.mp4"
    path.write_bytes(b"film")
    with closing(discord.File(path)) as file:
        yield file


def finished(**changes: Any) -> Job:
    return job_in(JobState.POSTING, **changes)


def texts_of(view: discord.ui.LayoutView) -> list[str]:
    return [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]


def picture_of(view: discord.ui.LayoutView) -> discord.MediaGalleryItem:
    [gallery] = [item for item in view.walk_children() if isinstance(item, discord.ui.MediaGallery)]
    return gallery.items[0]


def rows_of(view: discord.ui.LayoutView) -> list[list[str]]:
    [container] = [part for part in view.to_components() if part["type"] == 17]
    parts: Any = container["components"]
    return [[button["label"] for button in part["components"]] for part in parts if part["type"] == 1]


def test_the_video_comes_with_its_prompt_and_what_it_took(texts: Texts, film: discord.File) -> None:
    view = render_result(finished(), film, texts.for_locale("en-US"), now=NOW + 134)

    assert texts_of(view) == [
        "<@1001> Your video is ready.",
        "> a cat on the moon",
        "-# MiniMax-Hailuo-02 · 768P · 6 s · $0.28 · took 2 min 14 s",
    ]
    assert picture_of(view).description == "AI-made video: a cat on the moon"


def test_what_was_done_to_it_is_said_below(texts: Texts, film: discord.File) -> None:
    view = render_result(finished(notes=(Note.VIDEO_REENCODED,)), film, texts.for_locale("en-US"), now=NOW)

    assert texts_of(view)[2].endswith("\n-# Encoded anew to fit the file size this channel takes.")


def test_the_buttons_stand_in_two_rows(texts: Texts, film: discord.File) -> None:
    assert rows_of(render_result(finished(), film, texts.for_locale("en-US"), now=NOW)) == [
        ["Again", "Edit", "Extend"],
        ["Favourite", "Share", "Delete"],
    ]
    assert rows_of(render_result(finished(), film, texts.for_locale("zh-CN"), now=NOW)) == [
        ["再来一个", "编辑", "续写"],
        ["收藏", "分享", "删除"],
    ]


@pytest.mark.parametrize(
    ("delivery", "origin"),
    [
        (Delivery.DIRECT, {"private": True}),
        (Delivery.DIRECT, {}),
        (Delivery.ANSWER, {"guest": True}),
        (Delivery.CHANNEL, {"guild_id": None}),
    ],
    ids=["private", "channel closed", "guest", "direct message"],
)
def test_what_not_all_in_a_server_s_channel_see_cannot_be_shared(
    texts: Texts, film: discord.File, delivery: Delivery, origin: dict[str, Any]
) -> None:
    view = render_result(finished(delivery=delivery, origin=origin), film, texts.for_locale("en-US"), now=NOW)

    assert rows_of(view)[1] == ["Favourite", "Delete"]


def test_nothing_under_a_video_shouts(texts: Texts, film: discord.File) -> None:
    view = render_result(finished(), film, texts.for_locale("en-US"), now=NOW)
    found = [part for part in view.walk_children() if isinstance(part, JobButton)]

    assert {button.item.style for button in found} == {discord.ButtonStyle.secondary}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_any_prompt_fits(texts: Texts, film: discord.File, locale: str, prompt: str) -> None:
    t = texts.for_locale(locale)
    job = finished(prompt=prompt, notes=tuple(Note), derivation=replace(EXTENDED, chain=EXTENDED.chain * 100))
    for view in (render_result(job, film, t, now=NOW), render_shared(job, film, t, original="https://discord.com")):
        assert view.content_length() < 4000
        assert view.total_children_count <= 40
        assert len(picture_of(view).description or "") <= 1024
        assert all("\n" not in text for text in texts_of(view) if text.startswith("> "))


def test_words_from_right_to_left_keep_to_themselves(texts: Texts, film: discord.File) -> None:
    view = render_result(finished(prompt=PROMPTS["Arabic"]), film, texts.for_locale("en-US"), now=NOW)

    assert texts_of(view)[1].startswith("> \u2068")
    assert texts_of(view)[1].endswith("…\u2069")
    assert "video: \u2068" in (picture_of(view).description or "")


def test_a_part_of_a_chain_links_to_those_before_it(texts: Texts, film: discord.File) -> None:
    view = render_result(finished(derivation=EXTENDED), film, texts.for_locale("en-US"), now=NOW)

    assert "-# Part 2 · continues [part 1](https://discord.com/channels/1/2/3)" in texts_of(view)[2].split("\n")


def test_of_a_long_chain_the_first_part_and_the_newest_are_linked_to(texts: Texts, film: discord.File) -> None:
    links = tuple(f"https://discord.com/channels/1/2/{number}" for number in range(1, 10))
    view = render_result(finished(derivation=replace(EXTENDED, chain=links)), film, texts.for_locale("en-US"), now=NOW)
    [line] = [line for line in texts_of(view)[2].split("\n") if "Part" in line]

    assert line.startswith("-# Part 10 · continues [part 1](https://discord.com/channels/1/2/1), …, [part 7](")
    assert line.endswith("[part 9](https://discord.com/channels/1/2/9)")


def test_what_was_made_from_something_hidden_is_hidden(texts: Texts, film: discord.File) -> None:
    t = texts.for_locale("en-US")
    job = finished()
    hidden = replace(job, request=replace(job.request, inputs=(SECRET,)), link="https://example.com/v.mp4")

    assert not picture_of(render_result(job, film, t, now=NOW)).spoiler
    assert picture_of(render_result(hidden, film, t, now=NOW)).spoiler
    assert picture_of(render_shared(hidden, film, t, original="https://discord.com")).spoiler
    assert "|| https://example.com/v.mp4 ||" in link_text(hidden, t).split("\n")


async def test_a_link_has_the_buttons_that_need_no_file(texts: Texts) -> None:
    t = texts.for_locale("en-US")
    job = finished(as_link=True, link="https://example.com/v.mp4")
    plain: Any = link_buttons(job, t).to_components()
    assert [button["label"] for row in plain for button in row["components"]] == [
        "Again",
        "Edit",
        "Favourite",
        "Delete",
    ]

    in_place_of_a_card = render_link(job, t)
    assert "https://example.com/v.mp4" in texts_of(in_place_of_a_card)[0]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_a_link_fits_whatever_the_prompt_and_however_long_the_chain(texts: Texts, locale: str, prompt: str) -> None:
    links = tuple(f"https://discord.com/channels/{10**18}/{10**18}/{10**18 + number}" for number in range(50))
    job = finished(
        prompt=prompt,
        link="https://example.com/" + "v" * 700,
        link_expires_at=NOW,
        notes=tuple(Note),
        derivation=replace(EXTENDED, chain=links),
    )
    text = link_text(job, texts.for_locale(locale))

    assert len(text) <= 2000
    assert text.endswith("job00001")
    assert job.link in text.split("\n")
