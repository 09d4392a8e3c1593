"""Finding one's videos again: the private pages of `/video history`, `show`, `queue`, `help` and `privacy`, and their buttons.

Each is one look at the service or the library, answered to one person; nothing here costs anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, Final, TypeVar

import discord
from discord import app_commands, ui

from jobs.errors import NotYourJob, TooLate, UnknownJob
from jobs.model import Job, JobState
from jobs.ports import Found, Standing, Wanted
from jobs.service import QueueView
from locales import Translate

from .answers import Waiting, in_time, reply, rewrite, tell
from .desk import Desk
from .errors import DOUBT, DOUBT_CANCELLED, NothingToCancel, NothingToShow, at_the_desk
from .language import in_private
from .ui.card import TITLES, may_cancel, render_card, title
from .ui.history import PAGE_SIZE, Leaf, render_history
from .ui.pages import render_help, render_privacy, render_queue
from .ui.text import isolated, one_line, quoted
from .ui.turning import Turn

T = TypeVar("T")

_CHOICES: Final = 25
"""Discord shows no more (Discord docs, Application Commands)."""

_PROMPT_SHOWN: Final = 80
_SEARCHED: Final = 100


async def show_history(interaction: discord.Interaction[Any], wanted: Wanted, desk: Desk) -> None:
    """The first page of one's own videos, or favourites.

    Args:
        interaction: The command.
        wanted: Which videos are looked for.
        desk: The library and its surroundings.
    """
    leaf = Leaf.first(replace(wanted, model=_spelt(wanted.model, desk)))
    found = await _soon(interaction, _leaf(interaction, leaf, desk), desk)
    await reply(interaction, _history(interaction, found, leaf, desk), private=True)


async def show_job(interaction: discord.Interaction[Any], job_id: str | None, desk: Desk) -> None:
    """A job's card, for one person; of the newest job where none is named.

    Raises:
        UnknownJob: There is none, or it is none of their business.
        NothingToShow: They have not asked for any yet.
    """
    job, standing = await _soon(interaction, _look(interaction, job_id, desk), desk)
    t = in_private(interaction, desk.texts)
    await reply(interaction, render_card(job, standing, t, reader=interaction.user.id), private=True)


async def show_queue(interaction: discord.Interaction[Any], desk: Desk) -> None:
    """One's own jobs under way, and how busy it is."""
    found = await _soon(interaction, _queue(interaction, desk), desk)
    t = in_private(interaction, desk.texts)
    await reply(interaction, render_queue(found, t, desk.links), private=True)


async def show_help(interaction: discord.Interaction[Any], desk: Desk) -> None:
    """What the bot does, on one screen."""
    await reply(interaction, render_help(in_private(interaction, desk.texts), desk.links), private=True)


async def show_privacy(interaction: discord.Interaction[Any], desk: Desk) -> None:
    """What is kept, and whether this person wants to be told directly, too."""
    noted = await _soon(interaction, desk.library.wants_note(interaction.user.id), desk)
    await reply(interaction, _privacy(interaction, desk, noted=noted), private=True)


async def cancel_job(interaction: discord.Interaction[Any], job_id: str | None, desk: Desk) -> None:
    """Takes a job back, or has the provider asked to; its public card tells everybody else.

    Raises:
        UnknownJob: There is no such job.
        NotYourJob: Somebody else asked for it.
        TooLate: It was submitted, or has ended.
        NothingToCancel: None was named, and there is none that can be taken back.
    """
    interaction.extras[DOUBT] = DOUBT_CANCELLED
    cancelled = await _soon(interaction, _take_back(interaction, job_id, desk), desk)
    t = in_private(interaction, desk.texts)
    answer = "answer.cancel_asked" if cancelled.cancel_asked else "answer.cancelled"
    await tell(interaction, f"{t(answer)}\n{quoted(cancelled.request.prompt, _PROMPT_SHOWN)}")


async def jobs_like(interaction: discord.Interaction[Any], typed: str, desk: Desk) -> list[app_commands.Choice[str]]:
    """One's own jobs whose prompt has the typed words in it, the newest first; or the one with this very id."""
    t = in_private(interaction, desk.texts)
    user_id = interaction.user.id
    wanted = Wanted(search=_prompt_of(typed, t))
    found = await desk.library.history(user_id, wanted, page=0, size=_CHOICES)
    jobs = list(found.jobs)
    if not jobs:
        try:
            jobs = [await desk.service.own(typed, user_id=user_id)]
        except (UnknownJob, NotYourJob):
            jobs = []
    return [_choice(job, t) for job in jobs]


async def cancellable_like(
    interaction: discord.Interaction[Any], typed: str, desk: Desk
) -> list[app_commands.Choice[str]]:
    """One's own newest jobs that can still be taken back and have the typed words in their prompt."""
    t = in_private(interaction, desk.texts)
    words = _prompt_of(typed, t).casefold()
    own = await desk.service.recent(user_id=interaction.user.id, limit=_SEARCHED)
    fitting = (job for job in own if words in job.request.prompt.casefold() or typed == job.id)
    return [_choice(job, t) for job in fitting if may_cancel(job)][:_CHOICES]


def models_like(typed: str, desk: Desk) -> list[app_commands.Choice[str]]:
    """The models whose name has the typed letters in it."""
    fitting = (name for name in _models(desk) if typed.casefold() in name.casefold())
    return [app_commands.Choice(name=name, value=name) for name in fitting][:_CHOICES]


async def turn_page(interaction: discord.Interaction[Any], turn: Turn, argument: str, desk: Desk) -> None:
    """Does what a button on a private page says; never raises.

    Args:
        interaction: The press.
        turn: What the button does.
        argument: To what.
        desk: The service and its surroundings.
    """
    async with at_the_desk(interaction, desk):
        await _TURNS[turn](interaction, argument, desk)


async def _turn(interaction: discord.Interaction[Any], argument: str, desk: Desk) -> None:
    leaf = Leaf.of(argument)
    found = await _silently(interaction, _leaf(interaction, leaf, desk), desk)
    await rewrite(interaction, _history(interaction, found, leaf, desk))


async def _show(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    """Beside the page, not in its place: there may be others to look at."""
    await show_job(interaction, job_id, desk)


async def _unqueue(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    async def take_back_and_look() -> tuple[Job | TooLate, QueueView]:
        try:
            outcome = await desk.service.cancel(job_id, user_id=interaction.user.id)
        except TooLate as problem:
            outcome = problem
        return outcome, await _queue(interaction, desk)

    interaction.extras[DOUBT] = DOUBT_CANCELLED
    outcome, found = await _silently(interaction, take_back_and_look(), desk)
    cancelled = outcome if isinstance(outcome, Job) and outcome.state is JobState.CANCELLED else None
    t = in_private(interaction, desk.texts)
    await rewrite(interaction, render_queue(found, t, desk.links, cancelled=cancelled))
    if isinstance(outcome, TooLate):
        # The page was out of date: it is put right first, then the person is told.
        raise outcome


async def _wish(interaction: discord.Interaction[Any], argument: str, desk: Desk) -> None:
    wanted = argument == "on"
    await _silently(interaction, desk.library.set_note(interaction.user.id, wanted=wanted), desk)
    await rewrite(interaction, _privacy(interaction, desk, noted=wanted))


_TURNS: Final[dict[Turn, Callable[[discord.Interaction[Any], str, Desk], Awaitable[None]]]] = {
    Turn.PAGE: _turn,
    Turn.SHOW: _show,
    Turn.UNQUEUE: _unqueue,
    Turn.NOTE: _wish,
}


async def _soon(interaction: discord.Interaction[Any], work: Coroutine[Any, Any, T], desk: Desk) -> T:
    return await in_time(interaction, work, alarm=desk.alarm(), waiting=Waiting.PRIVATE)


async def _silently(interaction: discord.Interaction[Any], work: Coroutine[Any, Any, T], desk: Desk) -> T:
    return await in_time(interaction, work, alarm=desk.alarm(), waiting=Waiting.SILENT)


async def _leaf(interaction: discord.Interaction[Any], leaf: Leaf, desk: Desk) -> Found:
    return await desk.library.history(interaction.user.id, leaf.wanted, page=leaf.number, size=PAGE_SIZE)


def _history(interaction: discord.Interaction[Any], found: Found, leaf: Leaf, desk: Desk) -> ui.LayoutView:
    t = in_private(interaction, desk.texts)
    return render_history(found, leaf, t, desk.links, reader=interaction.user.id)


def _privacy(interaction: discord.Interaction[Any], desk: Desk, *, noted: bool) -> ui.LayoutView:
    return render_privacy(in_private(interaction, desk.texts), noted=noted, days=desk.files_kept_days)


async def _queue(interaction: discord.Interaction[Any], desk: Desk) -> QueueView:
    return await desk.service.queue(user_id=interaction.user.id, guild_id=interaction.guild_id)


def _models(desk: Desk) -> tuple[str, ...]:
    return tuple(line.model for line in desk.choices.table().models)


def _spelt(model: str | None, desk: Desk) -> str | None:
    """A model's name in its own spelling; one that is no longer on offer as it was typed, for there may be videos of it."""
    if model is None:
        return None
    return next((name for name in _models(desk) if name.casefold() == model.strip().casefold()), model)


async def _look(interaction: discord.Interaction[Any], job_id: str | None, desk: Desk) -> tuple[Job, Standing]:
    if job_id is None:
        own = await desk.service.recent(user_id=interaction.user.id, limit=1)
        if not own:
            raise NothingToShow
        job_id = own[0].id
    return await desk.service.show(job_id, user_id=interaction.user.id, guild_id=interaction.guild_id)


async def _take_back(interaction: discord.Interaction[Any], job_id: str | None, desk: Desk) -> Job:
    if job_id is None:
        own = await desk.service.recent(user_id=interaction.user.id, limit=_SEARCHED)
        job_id = next((job.id for job in own if may_cancel(job)), None)
    if job_id is None:
        raise NothingToCancel
    return await desk.service.cancel(job_id, user_id=interaction.user.id)


def _choice(job: Job, t: Translate) -> app_commands.Choice[str]:
    prompt = isolated(one_line(job.request.prompt, _PROMPT_SHOWN))
    return app_commands.Choice(name=t("choice.job", state=title(job, t), prompt=prompt), value=job.id)


def _prompt_of(typed: str, t: Translate) -> str:
    """What is looked for: a client in which a choice is edited sends all of it, with the state before the prompt."""
    for key in TITLES.values():
        before = t("choice.job", state=t(key), prompt="")
        if typed.startswith(before):
            return typed.removeprefix(before).rstrip("…")
    return typed
