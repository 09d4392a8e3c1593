"""What a card says at its job's end, in both languages: how it ended, what it cost, what to do, and who may."""

from __future__ import annotations

import discord
import pytest

from cogs.ui.card import render_card
from jobs.errors import Reason
from jobs.model import Charge, Delivery, Failure, Job, JobState, Posted
from jobs.ports import Standing
from locales import Texts

from .cards import LOCALES, card
from .jobs import NOW, job_in


def links(job: Job, texts: Texts) -> list[str]:
    """The addresses that the card's buttons lead to."""
    view = render_card(job, Standing(), texts.for_locale("en-US"))
    return [item.url for item in view.walk_children() if isinstance(item, discord.ui.Button) and item.url]


def failed(reason: Reason, charge: Charge = Charge.RELEASED) -> Job:
    return job_in(JobState.FAILED, charge=charge, failure=Failure(reason=reason, code=1026, detail="raw words"))


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
