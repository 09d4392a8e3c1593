"""What a card says in each state, in both languages: where the job is, what it cost, what to do."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.ui.alert import alert_text
from cogs.ui.bar import about, bar
from cogs.ui.card import render_card
from cogs.ui.figures import money, span
from cogs.ui.result import link_text, render_result
from jobs.errors import Reason
from jobs.model import (
    ENDS,
    Api,
    Charge,
    Delivery,
    Derivation,
    Derived,
    Failure,
    Gate,
    Job,
    JobState,
    MediaSource,
    Mode,
    Money,
    Note,
    Posted,
    Role,
    Task,
    VideoRequest,
)
from jobs.ports import Standing
from locales import Texts

from .jobs import NOW, job_in

LOCALES = ("en-US", "zh-CN")
LONGEST = 4000


def card(job: Job, texts: Texts, locale: str = "en-US", *, reader: int | None = None, **standing: Any) -> list[str]:
    """The texts of a card, from top to bottom, and the labels of its buttons at the end."""
    view = render_card(job, Standing(**standing), texts.for_locale(locale), reader=reader)
    [container] = view.to_components()
    parts: list[dict[str, Any]] = container["components"]
    labels = [button["label"] for part in parts for button in part.get("components", ())]
    return [part["content"] for part in parts if "content" in part] + labels


def links(job: Job, texts: Texts) -> list[str]:
    """The addresses that the card's buttons lead to."""
    view = render_card(job, Standing(), texts.for_locale("en-US"))
    return [item.url for item in view.walk_children() if isinstance(item, discord.ui.Button) and item.url]


def failed(reason: Reason, charge: Charge = Charge.RELEASED) -> Job:
    return job_in(JobState.FAILED, charge=charge, failure=Failure(reason=reason, code=1026, detail="raw words"))


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


@pytest.mark.parametrize("tenths", range(11))
def test_the_bar_has_ten_blocks_and_a_filled_one_for_each_tenth(tenths: int) -> None:
    assert (len(bar(tenths)), bar(tenths).count("▰")) == (10, tenths)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "5 s"), (43, "45 s"), (59, "1 min"), (64, "1 min"), (83, "1 min 20 s"), (631, "11 min"), (7300, "2 h 2 min")],
)
def test_an_estimate_is_as_exact_as_it_deserves(texts: Texts, seconds: float, said: str) -> None:
    assert about(seconds, texts.for_locale("en-US")) == said


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


def test_while_h3_renders_it_can_be_asked_to_cancel_once(texts: Texts) -> None:
    task = Task(task_id="424010985738629", base_url="http://127.0.0.1:1", api=Api.V2)
    rendering = job_in(JobState.RENDERING, request=H3, task=task)
    asked = replace(rendering, cancel_asked=True)

    assert card(rendering, texts)[-1] == "Cancel"
    assert "The provider is being asked to cancel it." in card(asked, texts)[1]
    assert "Cancel" not in card(asked, texts)


def test_while_another_model_renders_nothing_can_be_cancelled(texts: Texts) -> None:
    assert "Cancel" not in card(job_in(JobState.RENDERING), texts)


def test_a_done_card_links_to_the_video_and_says_how_long_it_took(texts: Texts) -> None:
    job = job_in(JobState.DONE, finished_at=NOW + 134, posted=Posted(channel_id=3001, message_id=77))

    assert links(job, texts) == ["https://discord.com/channels/2001/3001/77"]
    assert card(job, texts)[1] == "Took 2 min 14 s"
    assert card(job, texts)[-1] == "Watch"
    assert card(job, texts, "zh-CN")[1] == "用时 2 分 14 秒"
    assert card(job, texts, "zh-CN")[-1] == "观看"


def test_a_video_sent_privately_is_linked_to_where_it_is(texts: Texts) -> None:
    job = job_in(JobState.DONE, delivery=Delivery.DIRECT, posted=Posted(channel_id=55, message_id=77))

    assert links(job, texts) == ["https://discord.com/channels/@me/55/77"]


def test_a_video_that_only_its_requester_saw_in_a_channel_is_not_linked_to(texts: Texts) -> None:
    posted = Posted(channel_id=3001, message_id=77)
    job = job_in(JobState.DONE, delivery=Delivery.ANSWER, origin={"private": True}, posted=posted)

    assert links(job, texts) == []
    assert "deleted" not in card(job, texts)[1]


def test_a_video_that_was_deleted_meanwhile_is_said_to_be_and_not_linked_to(texts: Texts) -> None:
    job = job_in(JobState.DONE, finished_at=NOW + 5, posted=Posted(channel_id=3001, message_id=0))

    assert links(job, texts) == []
    assert card(job, texts)[1] == "Took 5 s · since deleted"
    assert card(job, texts, "zh-CN")[1] == "用时 5 秒 · 现已删除"


@pytest.mark.parametrize(
    ("state", "everybody", "requester", "other"),
    [
        (JobState.DONE, ["Watch"], ["Again", "Edit", "Favourite", "Watch"], ["Favourite", "Watch"]),
        (JobState.FAILED, ["Try again", "Edit"], ["Try again", "Edit"], []),
        (JobState.CANCELLED, ["Try again", "Edit"], ["Try again", "Edit"], []),
        (JobState.UNCERTAIN, ["Try again"], ["Try again"], []),
        (JobState.UNDELIVERED, ["Fetch"], ["Fetch"], []),
        (JobState.QUEUED, ["Cancel"], ["Cancel"], []),
        (JobState.RENDERING, [], [], []),
    ],
)
def test_a_card_that_one_person_sees_offers_what_that_person_may_do(
    texts: Texts, state: JobState, everybody: list[str], requester: list[str], other: list[str]
) -> None:
    def labels(reader: int | None) -> list[str]:
        return card(job_in(state), texts, reader=reader)[3:]

    assert [labels(None), labels(1001), labels(1002)] == [everybody, requester, other]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("reason", Reason)
def test_a_failed_card_says_why_whether_it_cost_and_what_to_do(texts: Texts, locale: str, reason: Reason) -> None:
    t = texts.for_locale(locale)
    story, _, *buttons = card(failed(reason), texts, locale)[1:]

    assert story.split("\n") == [t(f"why.{reason}"), t("cost.nothing"), t(f"advice.{reason}")]
    assert buttons == [t("button.retry"), t("button.edit")]


def test_a_failed_card_keeps_the_provider_s_raw_words_to_itself(texts: Texts) -> None:
    assert "raw words" not in "".join(card(failed(Reason.REFUSED), texts))


@pytest.mark.parametrize(
    ("charge", "words"),
    [
        (Charge.RELEASED, "Nothing was charged."),
        (Charge.SPENT, "The provider charges for it all the same: $0.28."),
        (Charge.HELD, "It may have been charged: $0.28."),
    ],
)
def test_the_cost_is_what_became_of_the_reservation(texts: Texts, charge: Charge, words: str) -> None:
    assert words in card(failed(Reason.FILE_LOST, charge), texts)[1]


def test_a_cancelled_card_says_that_it_was_free(texts: Texts) -> None:
    assert card(job_in(JobState.CANCELLED), texts)[1] == "Nothing was charged.\n*Try again* asks for it once more."


def test_an_uncertain_card_says_that_we_do_not_know_and_that_again_may_cost_again(texts: Texts) -> None:
    shown = card(job_in(JobState.UNCERTAIN), texts)

    assert "we do not know whether the provider took the order. It may have been charged ($0.28)." in shown[1]
    assert "may cost a second time" in shown[1]
    assert shown[-1] == "Try again"


def test_an_undelivered_card_offers_to_fetch_the_video(texts: Texts) -> None:
    shown = card(job_in(JobState.UNDELIVERED), texts)

    assert "The video is ready, but it could not be posted" in shown[1]
    assert "Fetching it costs nothing more." in shown[1]
    assert shown[-1] == "Fetch"


@pytest.mark.parametrize("reason", [Reason.DIRECT_CLOSED, Reason.ANSWER_UNSEEN])
def test_an_undelivered_card_names_the_place_that_was_closed(texts: Texts, reason: Reason) -> None:
    shown = card(job_in(JobState.UNDELIVERED, failure=Failure(reason=reason)), texts)
    t = texts.for_locale("en-US")

    assert shown[1].split("\n")[:2] == [t(f"why.{reason}"), t(f"advice.{reason}")]


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


@pytest.mark.parametrize("prompt", ["*" * 2000, "狐" * 2000])
def test_a_result_fits_whatever_the_prompt(texts: Texts, tmp_path: Path, prompt: str) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"film")
    with closing(discord.File(path)) as film:
        view = render_result(job_in(JobState.POSTING, prompt=prompt), film, texts.for_locale("en-US"), now=NOW)
    gallery = next(item for item in view.walk_children() if isinstance(item, discord.ui.MediaGallery))

    assert view.content_length() < LONGEST
    assert len(gallery.items[0].description or "") <= 1024


def test_a_link_post_is_plain_holds_the_job_s_id_and_says_how_long_it_works(texts: Texts) -> None:
    job = job_in(
        JobState.POSTING,
        id="abc123",
        link="https://cdn.example.com/v.mp4?sig=1_2",
        link_expires_at=NOW,
        origin={"user_id": 7},
        prompt="*" * 2000,
    )
    text = link_text(job, texts.for_locale("en-US"))

    assert text.startswith("<@7> Your video is ready. The file is too large for this channel")
    assert "\nhttps://cdn.example.com/v.mp4?sig=1_2\n" in text
    assert f"until <t:{int(NOW)}:f>" in text
    assert text.endswith("abc123")
    assert len(text) < 2000


@pytest.mark.parametrize(
    ("reason", "words"), [(Reason.OUT_OF_CREDIT, "Top up"), (Reason.MISCONFIGURED, "MINIMAX_API_KEY")]
)
def test_the_operators_read_what_to_do_and_the_provider_s_own_words(texts: Texts, reason: Reason, words: str) -> None:
    gate = Gate(reason=reason, since=NOW, closed_until=NOW, detail="1004 *login fail*")
    text = alert_text(gate, texts.for_locale("en-US"))

    assert words in text
    assert r"1004 \*login fail\*" in text


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("0.28", "USD", "en-US", "$0.28"),
        ("2", "CNY", "zh-CN", "¥2.00"),
        ("0.0875", "USD", "en-US", "$0.0875"),
        ("1234.5", "USD", "en-US", "$1,234.50"),
    ],
)
def test_money_has_the_decimals_it_needs(texts: Texts, amount: str, currency: str, locale: str, expected: str) -> None:
    assert money(Money.of(Decimal(amount), currency), texts.for_locale(locale)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min 59 s"), (7260, "2 h 1 min"), (7200, "2 h")],
)
def test_lengths_of_time_read_well(texts: Texts, seconds: float, expected: str) -> None:
    assert span(seconds, texts.for_locale("en-US")) == expected
