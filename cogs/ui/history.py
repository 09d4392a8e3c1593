"""The pages of `/video history`: a few videos each, and buttons that remember where they lead. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from discord import ui

from jobs.model import Job, JobState
from jobs.ports import Found, Wanted
from jobs.prompt import clean_prompt
from locales import Translate

from .card import cost, jump_url, title, watch_button
from .figures import ago_or_in, settings
from .pages import Links, page
from .text import shown
from .turning import PageButton, Turn, turn_id

PAGE_SIZE: Final = 5
"""Videos on a page: what fits a screen, with their prompts."""

_PROMPT_SHOWN: Final = 160
_MODEL_KEPT: Final = 40
_ID_KEPT: Final = 100
_LAST_PAGE: Final = 99_999
_SHELVES: Final = {True: "f", False: "a"}
_ARGUMENT: Final = re.compile(r"(?P<number>\d{1,5}):(?P<shelf>[af]):(?P<model>[^:]*):(?P<search>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page of what was looked for: all that its buttons know of it.

    Args:
        wanted: What was looked for, as far as an id has room for it.
        number: Which page, 0 for the first.
    """

    wanted: Wanted
    number: int = 0

    @classmethod
    def first(cls, wanted: Wanted) -> Leaf:
        """The first page of what somebody looks for; the search is cut where a button could not remember all of it."""
        model = None if wanted.model is None else _head(_plain(wanted.model.replace(":", " ")), _MODEL_KEPT) or "?"
        search = _plain(wanted.search)
        bare = cls(wanted=replace(wanted, model=model, search=""), number=_LAST_PAGE)
        room = _ID_KEPT - len(_units(turn_id(Turn.PAGE, bare.argument))) // 2
        return cls(wanted=replace(bare.wanted, search=_head(search, room)))

    @classmethod
    def of(cls, argument: str) -> Leaf:
        """The page that a button leads to; the first of everything where an id is none of ours."""
        match = _ARGUMENT.fullmatch(argument)
        if match is None:
            return cls(wanted=Wanted())
        wanted = Wanted(
            search=match["search"], model=match["model"] or None, favourites=match["shelf"] == _SHELVES[True]
        )
        return cls(wanted=wanted, number=int(match["number"]))

    @property
    def argument(self) -> str:
        """What stands for it in a button's id."""
        wanted = self.wanted
        return f"{self.number}:{_SHELVES[wanted.favourites]}:{wanted.model or ''}:{wanted.search}"

    def last_of(self, total: int) -> int:
        """The number of the last page there is."""
        return min(max(0, total - 1) // PAGE_SIZE, _LAST_PAGE)


def _plain(text: str) -> str:
    return " ".join(clean_prompt(text).split())


def _units(text: str) -> bytes:
    """The text as a JavaScript client counts it, two bytes each."""
    return text.encode("utf-16-le")


def _head(text: str, room: int) -> str:
    """As much of the beginning as has room, counted like that."""
    return _units(text)[: 2 * room].decode("utf-16-le", errors="ignore").strip()


def render_history(found: Found, leaf: Leaf, t: Translate, links: Links, *, reader: int) -> ui.LayoutView:
    """One page.

    Args:
        found: What is on it; the last page where there are fewer than was thought.
        leaf: What was looked for, and which page.
        t: The reader's language.
        links: How commands are mentioned.
        reader: Whose history it is, by user id.
    """
    wanted = leaf.wanted
    heading = [f"### {t('history.favourites' if wanted.favourites else 'history.title')}"]
    if looked_for := t("card.separator").join(_filters(wanted, t)):
        heading.append(looked_for)
    if not found.total:
        return page("\n".join(heading), t(_nothing(wanted), create=links.video("create", t)))
    last = leaf.last_of(found.total)
    number = min(leaf.number, last)
    where = t.count("history.count", found.total)
    if last:
        where = t("card.separator").join((t("history.page", number=number + 1, last=last + 1), where))
    videos = (_section(job, t, reader) for job in found.jobs)
    turners = (_turners(replace(leaf, number=number), last, t),) if last else ()
    return page("\n".join(heading), *videos, f"-# {where}", *turners, ruled=True)


def _filters(wanted: Wanted, t: Translate) -> Iterator[str]:
    if wanted.search:
        yield t("history.search", search=shown(wanted.search, _ID_KEPT))
    if wanted.model is not None:
        yield t("history.model", model=shown(wanted.model, _MODEL_KEPT))


def _nothing(wanted: Wanted) -> str:
    if wanted.search or wanted.model is not None:
        return "history.none_found"
    return "history.no_favourites" if wanted.favourites else "history.none"


def _section(job: Job, t: Translate, reader: int) -> ui.Section[Any]:
    url = jump_url(job)
    way: ui.Item[Any] = PageButton(Turn.SHOW, job.id, t("button.show")) if url is None else watch_button(url, t)
    facts = [f"**{title(job, t)}**", ago_or_in(job.created_at)]
    if job.origin.user_id != reader:
        facts.append(t("history.by", user=f"<@{job.origin.user_id}>"))
    small = [settings(job, t)]
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        small.append(cost(job, t))
    elif job.posted is not None and job.posted.deleted:
        small.append(t("card.deleted"))
    separator = t("card.separator")
    said = f"{separator.join(facts)}\n> {shown(job.request.prompt, _PROMPT_SHOWN)}"
    return ui.Section[Any](said, f"-# {separator.join(small)}", accessory=way)


def _turners(leaf: Leaf, last: int, t: Translate) -> ui.ActionRow[Any]:
    """Back and on; at an end the one that leads nowhere is there all the same, so that they keep their places."""
    row = ui.ActionRow[Any]()
    for label, number in (("button.newer", leaf.number - 1), ("button.older", leaf.number + 1)):
        argument = replace(leaf, number=number).argument
        row.add_item(PageButton(Turn.PAGE, argument, t(label), enabled=0 <= number <= last))
    return row
