"""Every failure of a command or a button, worded once: what happened, whether it cost anything, what to do."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, Final

import discord
import structlog
from discord import app_commands, ui

from jobs.errors import (
    DraftGone,
    InvalidPrompt,
    LimitReached,
    NotOffered,
    NotYourJob,
    PromptProblem,
    RequestProblem,
    StoreUnavailable,
    TooLate,
    UnfitInputs,
    UnknownJob,
)
from jobs.model import JobState
from locales import Translate

from .access import NoChannel, PermissionsMissing, PlaceRefused
from .answers import tell
from .desk import CommandLinks, Desk
from .language import in_answer
from .ui.buttons import Action
from .ui.camera import move_names, split_moves
from .ui.card import TITLES
from .ui.figures import ago_or_in
from .ui.text import shown
from .uploads import FileRefused, NoPicture, NoReferences, NoVideo, VideoOutOfReach

log = structlog.get_logger(__name__)

DOUBT: Final = "doubt"
"""Set in `interaction.extras` by whatever decides about a cost, so that nobody is told it was free when we cannot know:"""

DOUBT_ORDERED: Final = "problem.unsure"
DOUBT_CANCELLED: Final = "problem.unsure_cancelled"
"""the text about what cannot be known then."""

_PLAIN: Final[dict[type[RequestProblem], str]] = {
    NoChannel: "problem.no_channel",
    NoReferences: "problem.no_references",
    NoPicture: "problem.no_picture",
    NoVideo: "problem.no_video",
    VideoOutOfReach: "problem.video_out_of_reach",
    DraftGone: "problem.draft_gone",
}
"""The texts that need nothing filled in."""

_VALUE_SHOWN = 40
MB = 1_000_000
"""Bytes, as limits are given in."""


class NothingToShow(RequestProblem):
    """This person has not asked for a video yet."""


class NothingToCancel(RequestProblem):
    """This person has no video that could still be cancelled."""


class Snag(StrEnum):
    """Why a video was not shared."""

    VIDEO_GONE = "video_gone"
    NOT_FETCHED = "not_fetched"
    TOO_LARGE = "too_large"
    NO_MESSAGES = "no_messages"
    MAY_NOT_WRITE = "may_not_write"
    AGE_RESTRICTED = "age_restricted"
    CHANNEL_GONE = "channel_gone"
    CLOSED = "closed"
    UNSURE = "unsure"


class ShareRefused(RequestProblem):
    """A video was not shared, or nobody can tell whether it was.

    Args:
        snag: Why.
    """

    def __init__(self, snag: Snag) -> None:
        super().__init__(f"not shared: {snag}")
        self.snag = snag


class NotForYou(NotYourJob):
    """A button under somebody else's video.

    Args:
        action: What it does; the text says what this person can do instead.
    """

    def __init__(self, action: Action) -> None:
        super().__init__(f"only the requester may: {action}")
        self.action = action


def explain(problem: RequestProblem, t: Translate, links: CommandLinks) -> str:
    """What the person can mend, in their language.

    Args:
        problem: What is wrong.
        t: Their language.
        links: How commands are mentioned.
    """
    match problem:
        case UnknownJob():
            text = t("problem.unknown_job")
        case NotForYou(action=action):
            text = t(f"problem.not_for_you.{action}", create=links.video("create", t))
        case NotYourJob():
            text = t("problem.not_your_job", create=links.video("create", t))
        case TooLate():
            text = t("problem.too_late", state=t(TITLES[JobState(problem.state)]), show=links.video("show", t))
        case ShareRefused(snag=snag):
            text = t(f"share.snag.{snag}")
        case NothingToShow():
            text = t("problem.no_jobs", create=links.video("create", t))
        case NothingToCancel():
            text = t("problem.nothing_to_cancel")
        case _:
            text = f"{_before_anything(problem, t)}\n{t('cost.nothing')}"
    return text


def _before_anything(problem: RequestProblem, t: Translate) -> str:
    """The problems that keep a video from being asked for at all."""
    match problem:
        case InvalidPrompt(problem=PromptProblem.TOO_LONG, length=length, limit=limit):
            text = t("problem.prompt.too_long", length=length, limit=limit, over=length - limit)
        case InvalidPrompt():
            text = t("problem.prompt.empty")
        case NotOffered():
            text = _about_option(problem, t)
        case UnfitInputs() | FileRefused():
            text = _about_files(problem, t)
        case LimitReached(limit=limit, resets_at=None):
            text = f"{t(f'problem.limit.{limit}')} {t('problem.limit.frees')}"
        case LimitReached(limit=limit, resets_at=float(resets_at)):
            text = f"{t(f'problem.limit.{limit}')} {t('problem.limit.resets', when=ago_or_in(resets_at))}"
        case PermissionsMissing(missing=missing):
            text = t(
                "problem.permissions", permissions=t("list.between").join(t(f"permission.{name}") for name in missing)
            )
        case PlaceRefused(direct=direct):
            text = t("problem.place_direct" if direct else "problem.place")
        case _:
            text = t(_PLAIN.get(type(problem), "problem.not_allowed"))
    return text


def _about_option(problem: NotOffered, t: Translate) -> str:
    name, value = t(f"option.{problem.option}"), shown(problem.value, _VALUE_SHOWN)
    if not problem.allowed:
        return t("problem.not_with_the_rest", option=name, value=value)
    fitting = t("list.between").join(_value(problem.option, one, t) for one in problem.allowed)
    return t("problem.not_offered", option=name, value=value, allowed=fitting)


def _about_files(problem: UnfitInputs | FileRefused, t: Translate) -> str:
    match problem:
        case UnfitInputs(problem=kind, role=role, limit=limit):
            what = t(f"files.{role or 'any'}")
            return t(f"problem.files.{kind}", what=what, limit=limit, size=round((limit or 0) / MB))
        case FileRefused(filename=filename, reason=reason, limit=limit):
            size = f" {t('problem.file_limit', size=round(limit / MB))}" if limit is not None else ""
            return f"**{shown(filename, _VALUE_SHOWN)}**: {t(f'why.{reason}')}{size} {t(f'advice.{reason}')}"


def _value(option: str, value: str, t: Translate) -> str:
    return move_names(split_moves(value), t) if option == "camera" else value


async def answer_failure(
    interaction: discord.Interaction[Any], error: BaseException, desk: Desk, *, view: ui.View | None = None
) -> None:
    """Tells the person what went wrong; what nobody foresaw goes to the log under the name they are given.

    Args:
        interaction: The command or the press; autocompletion has nobody to tell.
        error: What went wrong, as discord.py hands it over.
        desk: The texts and the namer of incidents.
        view: Buttons below what they can mend, to mend it with.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    t = in_answer(interaction, desk.texts)
    if interaction.type is discord.InteractionType.autocomplete:
        log.warning("autocompletion failed", interaction=interaction.id, exc_info=error)
    elif isinstance(error, RequestProblem):
        log.info("request refused", interaction=interaction.id, user=interaction.user.id, problem=str(error))
        await tell(interaction, explain(error, t, desk.links), view=view)
    elif isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
        log.warning("stale command", interaction=interaction.id, error=str(error))
        await tell(interaction, t("problem.command_changed"))
    elif isinstance(error, (app_commands.CheckFailure, app_commands.TransformerError)):
        log.info("not allowed", interaction=interaction.id, error=str(error))
        await tell(interaction, t("problem.not_allowed"))
    else:
        await tell(interaction, _incident(interaction, error, t, desk))


@asynccontextmanager
async def at_the_desk(interaction: discord.Interaction[Any], desk: Desk) -> AsyncGenerator[None]:
    """Lets a person in, and words whatever goes wrong inside; never raises.

    For all that discord.py does not bring to the tree of commands: of buttons, menus and forms it would only log what they
    raise, and leave the person without an answer.

    Args:
        interaction: The press, the choice or the form.
        desk: The doors, the texts and the namer of incidents.
    """
    try:
        desk.doors.check(interaction)
        yield
    except Exception as error:  # noqa: BLE001 - recorded and worded there
        await answer_failure(interaction, error, desk)


def _incident(interaction: discord.Interaction[Any], error: BaseException, t: Translate, desk: Desk) -> str:
    incident = desk.incident()
    log.error("command failed", incident=incident, interaction=interaction.id, user=interaction.user.id, exc_info=error)
    what = t("problem.store") if isinstance(error, StoreUnavailable) else t("problem.incident", incident=incident)
    doubt = interaction.extras.get(DOUBT)
    cost = t("cost.nothing") if doubt is None else t(doubt, queue=desk.links.video("queue", t))
    return f"{what}\n{cost}"
