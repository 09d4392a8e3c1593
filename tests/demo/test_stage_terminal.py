from __future__ import annotations

from typing import Any, cast

import discord
import pytest

from demo.terminal import Ear, plain


class Text:
    def __init__(self, content: str) -> None:
        self._content = content

    def to_dict(self) -> dict[str, Any]:
        return {"type": 17, "components": [{"type": 10, "content": self._content}]}


class Post:
    """A message as far as reading it goes."""

    def __init__(self, number: int, *texts: str, content: str = "") -> None:
        self.id = number
        self.content = content
        self.components = [Text(text) for text in texts]


def heard(ear: Ear, *posts: Post) -> list[str]:
    return list(ear.news(cast("list[discord.Message]", list(posts)), now=1000.0))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("### Done", "Done"),
        ("-# 1080P · 6 s", "1080P · 6 s"),
        (r"> a \*red\* fox\_cub", "> a *red* fox_cub"),
        ("<@123> Your video is ready.", "@you Your video is ready."),
        ("Took 5 s · [watch it here](https://discord.com/channels/1/2/3)", "Took 5 s · watch it here"),
        ("*Try again* makes a **new** job", "Try again makes a new job"),
        ("See </video show:42>", "See /video show"),
        ("expected <t:1004:R>", "expected in 4 s"),
        ("Asked for <t:995:R>", "Asked for 5 s ago"),
        ("Asked for <t:1000:R>", "Asked for now"),
        (r"> \<t:1000> \<@123> \[a](b)", "> <t:1000> <@123> [a](b)"),
    ],
)
def test_markdown_becomes_the_words_a_person_reads(line: str, words: str) -> None:
    assert plain(line, listener="you", now=1000.0) == words


def test_a_line_is_heard_once_and_an_edited_card_only_where_it_changed() -> None:
    ear = Ear("you")

    assert heard(ear, Post(1, "### Queued\n> a fox")) == ["Queued", "> a fox"]
    assert heard(ear, Post(1, "### Queued\n> a fox")) == []
    assert heard(ear, Post(1, "### Rendering\n> a fox")) == ["Rendering"]


def test_the_same_line_in_another_message_is_heard_again() -> None:
    ear = Ear("you")

    assert heard(ear, Post(1, "> a fox"), Post(2, "> a fox")) == ["> a fox", "> a fox"]


def test_plain_content_is_heard_too() -> None:
    assert heard(Ear("you"), Post(1, content="Too large:\nhttps://example.test/v.mp4")) == [
        "Too large:",
        "https://example.test/v.mp4",
    ]
