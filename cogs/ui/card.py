"""The status card of a job: where it is, what it costs, how it ended and what to do about it.

Pure: the same job, standing and language always give the same card. Times are Discord's own relative timestamps, so that
nothing has to tick but the estimate, which the standing brings along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from zlib import crc32

import discord
from discord import ui

from jobs.errors import Reason
from jobs.model import CANCELLABLE, Api, Charge, Delivery, Job, JobState, Posted
from jobs.ports import Standing
from jobs.standing import PLACES_SHOWN, place_shown
from locales import Translate

from .bar import estimate, runs_late
from .buttons import Action, JobButton
from .figures import ago_or_in, money, particulars, settings, span
from .text import quoted

PROMPT_SHOWN: Final = 280
"""Characters of the prompt on a card; the result shows more of it."""

_BLUE: Final = discord.Colour(0x5B8DEF)
_GREEN: Final = discord.Colour(0x57A773)
_RED: Final = discord.Colour(0xC9605B)
_AMBER: Final = discord.Colour(0xD9A441)
_GREY: Final = discord.Colour(0x8A8F98)

COLOURS: Final[dict[JobState, discord.Colour]] = {
    JobState.DONE: _GREEN,
    JobState.FAILED: _RED,
    JobState.CANCELLED: _GREY,
    JobState.UNCERTAIN: _AMBER,
    JobState.UNDELIVERED: _AMBER,
}
"""The colour of each end; everything under way is blue."""

TITLES: Final[dict[JobState, str]] = {
    JobState.RECEIVED: "phase.received",
    JobState.QUEUED: "phase.queued",
    JobState.SUBMITTING: "phase.submitting",
    JobState.RENDERING: "phase.rendering",
    JobState.FETCHING: "phase.fetching",
    JobState.POSTING: "phase.posting",
    JobState.DONE: "end.done",
    JobState.FAILED: "end.failed",
    JobState.CANCELLED: "end.cancelled",
    JobState.UNCERTAIN: "end.uncertain",
    JobState.UNDELIVERED: "end.undelivered",
}
"""The word for each state; every end has one fixed word."""

ACTIONS: Final[dict[JobState, tuple[Action, ...]]] = {
    JobState.FAILED: (Action.RETRY, Action.EDIT),
    JobState.CANCELLED: (Action.RETRY, Action.EDIT),
    JobState.UNCERTAIN: (Action.RETRY,),
    JobState.UNDELIVERED: (Action.FETCH,),
}
"""What everybody may find to press at each end."""

OWN_ACTIONS: Final[dict[JobState, tuple[Action, ...]]] = ACTIONS | {
    JobState.DONE: (Action.AGAIN, Action.EDIT, Action.FAVOURITE),
}
"""What the requester finds there on a card that nobody else sees."""

GUEST_ACTIONS: Final[dict[JobState, tuple[Action, ...]]] = {JobState.DONE: (Action.FAVOURITE,)}
"""What somebody else finds there who looks at it privately: nothing that would only be refused."""

_ARRIVING: Final = frozenset({JobState.FETCHING, JobState.POSTING})
_OUT_OF_REACH: Final = frozenset({Reason.DIRECT_CLOSED, Reason.ANSWER_UNSEEN})
"""The reasons a video could not be delivered that have words of their own."""

WAITS: Final[dict[Reason, str]] = {
    Reason.THROTTLED: "wait.throttled",
    Reason.PROVIDER_DOWN: "wait.provider_down",
    Reason.MISCONFIGURED: "wait.misconfigured",
    Reason.OUT_OF_CREDIT: "wait.out_of_credit",
}
"""The words for the reasons a job usually waits for; the others share one sentence."""


def card_mark(job_id: str) -> int:
    """The component id of the card's container, by which a card that nobody recorded is found again in any state.

    Discord keeps a given id, a 32-bit number, and counts up from 1 for the others (Discord docs, Anatomy of a Component):
    the mark stays above those.
    """
    return 1 << 30 | crc32(job_id.encode()) >> 2


def render_card(job: Job, standing: Standing, t: Translate, *, reader: int | None = None) -> ui.LayoutView:
    """The card as it should look now.

    Args:
        job: The job.
        standing: Its place in the queue, its expected end and how far it should be.
        t: The reader's language.
        reader: The only person who sees this card; None where everybody does.

    Returns:
        A layout whose buttons work for years (`timeout=None`: an expiring view would take the buttons' handler along).
    """
    container = ui.Container[Any](accent_colour=_colour(job), id=card_mark(job.id))
    container.add_item(ui.TextDisplay(f"### {title(job, t)}\n{quoted(job.request.prompt, PROMPT_SHOWN)}"))
    container.add_item(ui.TextDisplay("\n".join(_story(job, standing, t))))
    small = (settings(job, t), *particulars(job, t))
    container.add_item(ui.TextDisplay("\n".join(f"-# {line}" for line in small)))
    buttons = _buttons(job, t, reader)
    if buttons:
        container.add_item(ui.ActionRow[Any](*buttons))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def title(job: Job, t: Translate) -> str:
    """The one word for where a job is."""
    return t(TITLES[job.state])


def may_cancel(job: Job) -> bool:
    """Whether there is still a way to cancel it: before anything is paid, and in V2 by asking the provider, once."""
    asking = job.state is JobState.RENDERING and job.api is Api.V2 and not job.cancel_asked
    return job.state in CANCELLABLE or asking


def jump_url(job: Job) -> str | None:
    """Where the result is; None where there is none, it is known to be deleted, or a link would lead nowhere."""
    posted = job.posted
    # In place of an answer that only one person saw: such messages have no address that lasts.
    fleeting = job.delivery is Delivery.ANSWER and (job.origin.private or not job.origin.guest)
    if posted is None or posted.deleted or fleeting:
        return None
    return message_url(None if job.delivery is Delivery.DIRECT else job.origin.guild_id, posted)


def watch_button(url: str, t: Translate) -> ui.Button[Any]:
    """The way to a finished video."""
    return ui.Button(style=discord.ButtonStyle.link, label=t("button.watch"), url=url)


def message_url(guild_id: int | None, posted: Posted) -> str:
    """The link to a message of ours; `guild_id` is None in direct messages."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{posted.channel_id}/{posted.message_id}"


def _colour(job: Job) -> discord.Colour:
    stuck = job.waiting_for is not None or job.overdue
    return COLOURS.get(job.state, _AMBER if stuck else _BLUE)


def _buttons(job: Job, t: Translate, reader: int | None) -> list[ui.Item[Any]]:
    mine = reader in (None, job.origin.user_id)
    if may_cancel(job):
        actions = (Action.CANCEL,) if mine else ()
    elif reader is None:
        actions = ACTIONS.get(job.state, ())
    else:
        actions = (OWN_ACTIONS if mine else GUEST_ACTIONS).get(job.state, ())
    buttons: list[ui.Item[Any]] = [JobButton(action, job.id, t) for action in actions]
    url = jump_url(job)
    if url is not None:
        buttons.append(watch_button(url, t))
    return buttons


def _story(job: Job, standing: Standing, t: Translate) -> Iterator[str]:
    """The sentences that say how it stands."""
    tell = _ENDINGS.get(job.state, _under_way)
    yield from tell(job, standing, t)


def _under_way(job: Job, standing: Standing, t: Translate) -> Iterator[str]:
    yield t("card.separator").join((t("card.asked", when=ago_or_in(job.created_at)), *outlook(job, standing, t)))
    if job.waiting_for is not None:
        yield t(WAITS.get(job.waiting_for, "wait.other"))
        if job.state in CANCELLABLE:
            yield t("cost.nothing_yet")
    elif job.state in _ARRIVING:
        yield t("card.on_its_way")
    elif (far := estimate(standing, t)) is not None:
        yield far
    if job.cancel_asked:
        yield t("card.cancel_asked")
    if job.overdue:
        yield t("card.overdue") if job.task is None else t("card.overdue_task", task=job.task.task_id)
    if job.origin.private and job.delivery is Delivery.DIRECT:
        yield t("card.private")
    if job.delivery is Delivery.ANSWER and job.origin.guest:
        yield t("card.guest")


def outlook(job: Job, standing: Standing, t: Translate) -> Iterator[str]:
    """Its place in the queue and when to expect it, as far as anybody can say; never a moment that is over.

    Args:
        job: A job under way.
        standing: How it stands.
        t: The reader's language.
    """
    if standing.position is not None:
        yield _place(standing, t)
    sure = job.waiting_for is None and job.state not in _ARRIVING and not runs_late(standing)
    if standing.expected_end is not None and sure:
        yield t("card.expected", when=ago_or_in(standing.expected_end))


def _place(standing: Standing, t: Translate) -> str:
    place = place_shown(standing)
    if place is None:
        return t("card.far_back", ahead=PLACES_SHOWN)
    return t("card.next") if place <= 1 else t("card.position", position=place)


def _done(job: Job, _standing: Standing, t: Translate) -> Iterator[str]:
    facts = [t("card.took", span=span((job.finished_at or job.state_since) - job.created_at, t))]
    if job.posted is not None and job.posted.deleted:
        facts.append(t("card.deleted"))
    yield t("card.separator").join(facts)


def _failed(job: Job, _standing: Standing, t: Translate) -> Iterator[str]:
    reason = job.failure.reason if job.failure else Reason.INTERNAL
    yield t(f"why.{reason}")
    yield cost(job, t)
    yield t(f"advice.{reason}")


def _cancelled(job: Job, _standing: Standing, t: Translate) -> Iterator[str]:
    yield cost(job, t)
    yield t("card.cancelled_advice")


def _uncertain(job: Job, _standing: Standing, t: Translate) -> Iterator[str]:
    yield t("card.uncertain", price=money(job.price, t))
    yield t("card.uncertain_advice")


def _undelivered(job: Job, _standing: Standing, t: Translate) -> Iterator[str]:
    reason = job.failure.reason if job.failure else None
    named = reason in _OUT_OF_REACH
    yield t(f"why.{reason}") if named else t("card.undelivered")
    yield t(f"advice.{reason}") if named else t("card.undelivered_advice")
    yield t("card.fetch_is_free")


_ENDINGS: Final[dict[JobState, Callable[[Job, Standing, Translate], Iterator[str]]]] = {
    JobState.DONE: _done,
    JobState.FAILED: _failed,
    JobState.CANCELLED: _cancelled,
    JobState.UNCERTAIN: _uncertain,
    JobState.UNDELIVERED: _undelivered,
}


def cost(job: Job, t: Translate) -> str:
    """Whether a job that made no video cost anything: true to what became of its reservation."""
    if job.charge is Charge.RELEASED:
        return t("cost.nothing")
    return t("cost.spent" if job.charge is Charge.SPENT else "cost.maybe", price=money(job.price, t))
