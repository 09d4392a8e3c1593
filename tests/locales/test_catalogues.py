"""Both catalogues say everything the program asks for, and nothing else; what fills them in is the same in both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from discord import app_commands

import locales
from cogs.access import NEEDED, NEEDED_IN_VOICE
from cogs.errors import Snag
from cogs.ui.buttons import Action
from cogs.video import Video
from jobs.errors import InputProblem, Limit, Reason
from jobs.model import Mode, Note, Role
from locales import CATALOGUES, Texts
from minimax.catalog import MiniMaxCatalog

FOLDER = Path(locales.__file__).parent
CODE = [Path(locales.__file__).parents[1] / part for part in ("cogs", "web")]
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")
COMMANDS = {
    command.name: command for command in Video.__cog_app_commands__ if isinstance(command, app_commands.Command)
}


def _command_keys() -> Iterator[str]:
    """Of every command but the group itself, and of every option."""
    for name, command in COMMANDS.items():
        yield from (f"{name}.name", f"{name}.about")
        yield from (f"{name}.{option.name}.{part}" for option in command.parameters for part in ("name", "about"))


FAMILIES: dict[str, Iterable[str]] = {
    "why.": Reason,
    "advice.": Reason,
    "button.": Action,
    "problem.limit.": Limit,
    "problem.not_for_you.": Action,
    "share.snag.": Snag,
    "permission.": (*NEEDED, *NEEDED_IN_VOICE, "send_messages_in_threads"),
    "problem.files.": InputProblem,
    "files.": (*Role, "any"),
    "mode.": Mode,
    "note.": Note,
    "camera.": [move.lower().replace(" ", "_") for move in MiniMaxCatalog().camera_moves],
    "option.": ("model", "resolution", "duration", "ratio", "camera", "enhance"),
    "alert.": ("misconfigured", "misconfigured_advice", "out_of_credit", "out_of_credit_advice"),
    "help.": COMMANDS.keys() - {"help"},
    "command.": [*_command_keys()],
}
"""Keys that are put together where they are used: what they begin with, and every ending there is."""


def catalogue(name: str) -> dict[str, Message]:
    with (FOLDER / f"{name}.po").open("rb") as source:
        return {_key(message): message for message in read_po(source) if message.id}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _placeholders(message: Message) -> set[str]:
    return {name for form in _forms(message) for _, name, _, _ in Formatter().parse(form) if name}


def _strings() -> Iterator[str]:
    """Every string in the code, and the fixed beginning of those put together."""
    for path in chain.from_iterable(part.rglob("*.py") for part in CODE):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@pytest.fixture(scope="module")
def strings() -> set[str]:
    return set(_strings())


@pytest.fixture(scope="module")
def put_together() -> set[str]:
    return {beginning + ending for beginning, endings in FAMILIES.items() for ending in endings}


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_key_in_the_code_has_a_text(name: str, strings: set[str], put_together: set[str]) -> None:
    texts = set(catalogue(name))
    roots = {key.split(".")[0] for key in texts}
    asked = {text for text in strings if KEY.fullmatch(text) and text.split(".")[0] in roots}

    assert (asked | put_together) - texts == set()


@pytest.mark.parametrize("name", CATALOGUES)
def test_no_text_is_left_over(name: str, strings: set[str], put_together: set[str]) -> None:
    assert set(catalogue(name)) - strings - put_together == set()
    assert set(FAMILIES) - strings == set()


def test_both_catalogues_hold_the_same_keys_in_the_same_order() -> None:
    english, chinese = (list(catalogue(name)) for name in CATALOGUES)

    assert english == chinese


def test_both_catalogues_are_filled_in_with_the_same_values() -> None:
    english, chinese = (catalogue(name) for name in CATALOGUES)

    assert {key: _placeholders(message) for key, message in english.items()} == {
        key: _placeholders(message) for key, message in chinese.items()
    }


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_text_is_there_in_every_form_it_needs(name: str) -> None:
    assert [key for key, message in catalogue(name).items() if not all(_forms(message)) or message.fuzzy] == []


@pytest.mark.parametrize(
    ("discord_locale", "expected"),
    [("zh-CN", "完成"), ("zh-TW", "完成"), ("en-GB", "Done"), ("de", "Done"), (None, "Done")],
)
def test_all_chinese_readers_read_chinese_and_everybody_else_english(
    texts: Texts, discord_locale: str | None, expected: str
) -> None:
    assert texts.for_locale(discord_locale)("end.done") == expected


def test_counts_take_the_form_their_language_asks_for(texts: Texts) -> None:
    english, chinese = texts.for_locale("en-US"), texts.for_locale("zh-CN")

    assert english.count("queue.here", 1) == "1 video under way in this server"
    assert english.count("queue.here", 2) == "2 videos under way in this server"
    assert chinese.count("queue.here", 2) == "本服务器有 2 个视频进行中"


def test_braces_in_what_people_write_are_left_alone(texts: Texts) -> None:
    assert texts.for_locale("en-US")("result.alt", prompt="a {cat}") == "AI-made video: a {cat}"


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", ["Done", "Failed", "Cancelled", "Uncertain", "Undelivered"]),
        ("zh-CN", ["完成", "失败", "已取消", "结果不明", "未送达"]),
    ],
)
def test_every_end_has_its_one_fixed_word(texts: Texts, locale: str, words: list[str]) -> None:
    t = texts.for_locale(locale)

    assert [t(f"end.{end}") for end in ("done", "failed", "cancelled", "uncertain", "undelivered")] == words
