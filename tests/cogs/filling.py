"""Forms as a person sees and fills them in: what is in them already is sent along unless it is changed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from simcord.results import InteractionResult

from cogs.desk import Choices
from cogs.forms.fields import Sheet
from cogs.forms.kinds import KINDS, form_of
from jobs.model import Draft
from jobs.ports import KeptDraft
from locales import Translate

from .world import Client, World


def form(name: str, choices: Choices, t: Translate, *, alone: bool = False, **known: Any) -> dict[str, Any]:
    """A form with this known already, as it goes to Discord."""
    kept = KeptDraft(key="", user_id=1, draft=Draft(prompt=known.pop("prompt", ""), **known))
    return form_of(name, Sheet(kind=KINDS[name], kept=kept, choices=choices, t=t, alone=alone)).to_dict()


def parts(modal: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The parts that can be filled in, by their ids."""
    assert modal is not None, "no form was opened"
    return {label["component"]["custom_id"]: label["component"] for label in modal["components"]}


def told(modal: dict[str, Any] | None) -> dict[str, str]:
    """What stands above each part, by their ids."""
    assert modal is not None, "no form was opened"
    return {label["component"]["custom_id"]: label.get("description", "") for label in modal["components"]}


def options(modal: dict[str, Any] | None, part: str) -> list[str]:
    """What can be chosen there."""
    return [option["value"] for option in parts(modal)[part]["options"]]


def filled(modal: dict[str, Any] | None) -> dict[str, Any]:
    """What is in a form as it is opened."""
    found: dict[str, Any] = {}
    for name, part in parts(modal).items():
        chosen = [option["value"] for option in part.get("options", ()) if option.get("default")]
        if part.get("value"):
            found[name] = part["value"]
        elif chosen:
            found[name] = chosen
    return found


async def send(person: Any, shown: InteractionResult, **changes: Any) -> InteractionResult:
    """Sends a form as it was opened, but for the changes; None empties a part."""
    values = filled(shown.modal) | changes
    return await person.submit_modal(shown, {name: value for name, value in values.items() if value is not None})


@contextmanager
def speaking(world: World, client: Client) -> Generator[None]:
    """Meanwhile everybody's client is this one."""
    backend = world.env.backend
    emit = backend.emit

    def overheard(event: str, payload: Any, *args: Any, **kwargs: Any) -> Any:
        said = {"locale": client.locale, "guild_locale": client.guild_locale}
        return emit(event, payload | said if event == "INTERACTION_CREATE" else payload, *args, **kwargs)

    backend.emit = overheard  # type: ignore[method-assign]
    try:
        yield
    finally:
        backend.emit = emit  # type: ignore[method-assign]
