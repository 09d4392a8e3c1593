"""Commands with their names and descriptions under the keys of our texts. Knows discord.py only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from discord import app_commands
from discord.app_commands import locale_str as _

Callback = Callable[..., Coroutine[Any, Any, None]]


def named(name: str, about: str, **options: str) -> Callable[[Callback], app_commands.Command[Any, ..., None]]:
    """Makes a command of a method; its texts in other languages stand under `command.<name>.…` in the catalogues.

    Args:
        name: What it is called in English.
        about: What it does, in English, in at most 100 characters.
        **options: What each option is, likewise.
    """

    def wrap(callback: Callback) -> app_commands.Command[Any, ..., None]:
        key = f"command.{name}"
        renamed = app_commands.rename(**{option: _(option, key=f"{key}.{option}.name") for option in options})
        described = app_commands.describe(
            **{option: _(text, key=f"{key}.{option}.about") for option, text in options.items()}
        )
        command = app_commands.command(name=_(name, key=f"{key}.name"), description=_(about, key=f"{key}.about"))
        return command(described(renamed(callback)))

    return wrap
