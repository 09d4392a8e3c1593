"""What every card says, in both languages, and those of jobs under way: where the job is, and what it is made from."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from cogs.ui.card import render_card
from cogs.ui.result import link_text
from jobs.errors import Reason
from jobs.model import (
    ENDS,
    Api,
    Delivery,
    Derivation,
    Derived,
    JobState,
    MediaSource,
    Mode,
    Note,
    Role,
    Task,
    VideoRequest,
)
from jobs.ports import Standing
from locales import Texts

from .cards import LOCALES, LONGEST, card
from .jobs import NOW, job_in


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [
        (JobState.RECEIVED, "Received", "已收到"),
        (JobState.QUEUED, "Queued", "排队中"),
        (JobState.SUBMITTING, "Submitting", "提交中"),
        (JobState.RENDERING, "Rendering", "生成中"),
        (JobState.FETCHING, "Downloading", "下载中"),
        (JobState.POSTING, "Posting", "发送中"),
        (JobState.DONE, "Done", "完成"),
        (JobState.FAILED, "Failed", "失败"),
        (JobState.CANCELLED, "Cancelled", "已取消"),
        (JobState.UNCERTAIN, "Uncertain", "结果不明"),
        (JobState.UNDELIVERED, "Undelivered", "未送达"),
    ],
)
def test_each_state_has_one_word(texts: Texts, state: JobState, english: str, chinese: str) -> None:
    job = job_in(state)

    assert card(job, texts)[0] == f"### {english}\n> a cat on the moon"
    assert card(job, texts, "zh-CN")[0] == f"### {chinese}\n> a cat on the moon"


def test_every_card_names_model_size_length_and_price(texts: Texts) -> None:
    for state in JobState:
        assert "-# MiniMax-Hailuo-02 · 768P · 6 s · $0.28" in card(job_in(state), texts)


def test_a_queued_card_says_its_place_and_offers_to_cancel(texts: Texts) -> None:
    assert card(job_in(JobState.QUEUED), texts, position=3)[1:] == [
        f"Asked <t:{int(NOW)}:R> · number 3 in the queue",
        "-# MiniMax-Hailuo-02 · 768P · 6 s · $0.28",
        "Cancel",
    ]


@pytest.mark.parametrize(
    ("place", "said"),
    [(1, "next in the queue"), (20, "number 20 in the queue"), (21, "20 or more ahead"), (900, "20 or more ahead")],
)
def test_far_back_in_the_queue_a_card_shows_no_number_that_would_soon_be_wrong(
    texts: Texts, place: int, said: str
) -> None:
    assert said in card(job_in(JobState.QUEUED), texts, position=place)[1]


def test_a_rendering_card_says_when_to_expect_the_video_and_how_far_it_should_be(texts: Texts) -> None:
    standing: dict[str, Any] = {"expected_end": NOW + 90, "usual": 71.0, "tenths": 3}

    assert card(job_in(JobState.RENDERING), texts, **standing)[1].split("\n") == [
        f"Asked <t:{int(NOW)}:R> · expected <t:{int(NOW) + 90}:R>",
        "▰▰▰▱▱▱▱▱▱▱ usually about 1 min 10 s",
    ]
    assert "▰▰▰▱▱▱▱▱▱▱ 通常约需 1 分 10 秒" in card(job_in(JobState.RENDERING), texts, "zh-CN", **standing)[1]


def test_a_card_past_its_estimate_says_so_instead_of_naming_a_moment_that_is_over(texts: Texts) -> None:
    shown = card(job_in(JobState.RENDERING), texts, expected_end=NOW - 30, usual=70.0, tenths=10)

    assert shown[1].split("\n") == [
        f"Asked <t:{int(NOW)}:R>",
        "▰▰▰▰▰▰▰▰▰▰ longer than usual (usually about 1 min 10 s)",
    ]


@pytest.mark.parametrize("state", [JobState.FETCHING, JobState.POSTING])
def test_a_finished_video_is_said_to_be_on_its_way_without_an_estimate(texts: Texts, state: JobState) -> None:
    shown = card(job_in(state), texts, expected_end=NOW + 90, usual=70.0, tenths=3)

    assert shown[1].split("\n") == [f"Asked <t:{int(NOW)}:R>", "The video is made, and on its way here."]


def test_the_same_job_standing_and_language_always_give_the_same_card(texts: Texts) -> None:
    t = texts.for_locale("en-US")
    job, standing = job_in(JobState.RENDERING), Standing(expected_end=NOW, usual=70.0, tenths=4)
    first, second = (render_card(job, standing, t).to_components() for _ in range(2))

    assert first == second


def test_a_private_request_says_how_its_video_comes(texts: Texts) -> None:
    private = job_in(JobState.QUEUED, origin={"private": True}, delivery=Delivery.DIRECT)

    assert card(private, texts)[1].endswith("Only you will see the video: it comes by direct message.")


PARTS = tuple(f"https://discord.com/channels/1/2/{number}" for number in range(1, 9))


def test_a_card_shows_the_chain_that_the_video_continues(texts: Texts) -> None:
    job = job_in(JobState.QUEUED, derivation=Derivation(kind=Derived.EXTEND, chain=PARTS[:2]))

    assert f"-# Part 3 · continues [part 1]({PARTS[0]}), [part 2]({PARTS[1]})" in card(job, texts)[2]
    assert f"-# 第 3 段 · 接 [第 1 段]({PARTS[0]})、[第 2 段]({PARTS[1]})" in card(job, texts, "zh-CN")[2]


def test_waiting_for_an_operator_promises_that_nothing_was_charged(texts: Texts) -> None:
    shown = card(job_in(JobState.QUEUED, waiting_for=Reason.OUT_OF_CREDIT), texts)[1]

    assert "credit with the provider is used up. The owner has been told; it goes on by itself" in shown
    assert "Nothing has been charged so far." in shown


def test_waiting_after_the_submit_does_not_promise_that(texts: Texts) -> None:
    shown = card(job_in(JobState.RENDERING, waiting_for=Reason.PROVIDER_DOWN), texts, expected_end=NOW)[1]

    assert "cannot be reached just now" in shown
    assert "charged" not in shown
    assert "expected" not in shown


@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_to_wait_has_words(texts: Texts, locale: str) -> None:
    for reason in Reason:
        lines = card(job_in(JobState.QUEUED, waiting_for=reason), texts, locale)[1].split("\n")
        assert len(lines) == 3


def test_an_overdue_card_names_the_provider_s_task(texts: Texts) -> None:
    assert "task id is `176843862716480`" in card(job_in(JobState.RENDERING, overdue=True), texts)[1]


REFERENCES = tuple(
    MediaSource(role=Role.REFERENCE_IMAGE, url="https://cdn.example.com/1", filename=f"*{n}*.png", size=1)
    for n in range(5)
)
H3 = VideoRequest(
    prompt="a cat on the moon",
    model="MiniMax-H3",
    resolution="768P",
    duration=6,
    mode=Mode.REFERENCE,
    api=Api.V2,
    ratio="9:16",
    prompt_optimizer=False,
    inputs=REFERENCES,
)


def test_a_card_says_what_the_video_is_made_from_and_how(texts: Texts) -> None:
    job = job_in(JobState.QUEUED, request=H3, notes=(Note.PICTURE_PADDED, Note.FIRST_PICTURE_ONLY))
    settings = card(job, texts)[2]

    assert settings.split("\n") == [
        "-# MiniMax-H3 · 768P · 6 s · $0.28",
        r"-# References: \*0\*.png, \*1\*.png, \*2\*.png and 2 more · 9:16 · with sound · prompt as written",
        "-# The picture was given a margin, to fit. Only the first picture of the animation is used.",
    ]


def test_a_card_names_camera_moves_in_the_reader_s_language(texts: Texts) -> None:
    request = VideoRequest(
        prompt="a cat", model="MiniMax-Hailuo-02", resolution="768P", duration=6, camera=("Pan left", "Tilt up")
    )

    assert card(job_in(JobState.QUEUED, request=request), texts)[2].endswith("-# camera: Pan left, Tilt up")
    assert card(job_in(JobState.QUEUED, request=request), texts, "zh-CN")[2].endswith("-# 镜头：左摇、上摇")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_way_to_make_a_video_has_words(texts: Texts, locale: str) -> None:
    for mode in Mode:
        shown = card(job_in(JobState.QUEUED, request=replace(H3, mode=mode), notes=tuple(Note)), texts, locale)[2]
        assert not re.search(r"(mode|note|card)\.", shown)


def test_a_link_post_says_what_the_video_is_made_from_too(texts: Texts) -> None:
    text = link_text(
        job_in(JobState.POSTING, request=H3, link="https://cdn.example.com/v.mp4"), texts.for_locale("en-US")
    )

    assert "-# References: " in text


@pytest.mark.parametrize("locale", LOCALES)
def test_whatever_room_the_link_leaves_it_is_posted_whole_and_names_its_job(texts: Texts, locale: str) -> None:
    hidden = MediaSource(role=Role.FIRST_FRAME, url="", filename="*" * 100, size=1, spoiler=True)
    request = replace(H3, prompt="*" * 2000, inputs=(hidden,))
    for length in range(100, 1800, 100):
        link = f"https://cdn.example.com/{'v' * length}"
        job = job_in(JobState.POSTING, request=request, link=link, link_expires_at=NOW)
        text = link_text(job, texts.for_locale(locale))

        assert len(text) <= 2000
        assert f"|| {link} ||" in text
        assert job.id in text


def test_while_h3_renders_it_can_be_asked_to_cancel_once(texts: Texts) -> None:
    task = Task(task_id="424010985738629", base_url="http://127.0.0.1:1", api=Api.V2)
    rendering = job_in(JobState.RENDERING, request=H3, task=task)
    asked = replace(rendering, cancel_asked=True)

    assert card(rendering, texts)[-1] == "Cancel"
    assert "The provider is being asked to cancel it." in card(asked, texts)[1]
    assert "Cancel" not in card(asked, texts)


def test_while_another_model_renders_nothing_can_be_cancelled(texts: Texts) -> None:
    assert "Cancel" not in card(job_in(JobState.RENDERING), texts)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize(
    "prompt", ["*" * 2000, "狐" * 2000, "\n".join("- x" for _ in range(500)), "ﷺ" * 2000, "ש" * 2000]
)
def test_no_prompt_makes_a_card_too_long(texts: Texts, locale: str, state: JobState, prompt: str) -> None:
    job = job_in(state, prompt=prompt)

    assert sum(map(len, card(job, texts, locale, position=1))) < LONGEST


def test_the_colour_tells_good_from_bad(texts: Texts) -> None:
    def colour(**changes: Any) -> Any:
        view = render_card(job_in(**changes), Standing(), texts.for_locale("en-US"))
        return view.to_components()[0]["accent_color"]

    under_way = {colour(state=state) for state in JobState if state not in ENDS}
    ends = {state: colour(state=state) for state in ENDS}

    assert len(under_way) == 1
    assert len({*under_way, *ends.values()}) == 5
    assert colour(state=JobState.RENDERING, overdue=True) == ends[JobState.UNCERTAIN]
