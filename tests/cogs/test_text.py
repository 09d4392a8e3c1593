"""Other people's words on our cards: harmless, short, and still theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.text import inert, one_line, quoted, shown, slug


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("*bold* _it_ ~~gone~~ ||spoiler|| `code`", r"\*bold\* \_it\_ \~\~gone\~\~ \|\|spoiler\|\| \`code\`"),
        ("[click](https://example.com)", r"\[click\](https://example.com)"),
        ("<t:1:R> </video create:1> <:fox:1>", r"\<t:1:R> \</video create:1> \<:fox:1>"),
        ("# head", r"\# head"),
        ("-# small", r"\-# small"),
        ("> quote", r"\> quote"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        (r"C:\new", r"C:\\new"),
        ("2.5 cats - and a dog", "2.5 cats - and a dog"),
    ],
)
def test_nothing_people_write_is_formatted(typed: str, expected: str) -> None:
    assert inert(typed) == expected


@pytest.mark.parametrize("mention", ["@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>"])
def test_mentions_are_broken(mention: str) -> None:
    assert mention not in inert(f"look {mention}")


def test_lines_become_one() -> None:
    assert quoted("a fox\n\nin  the\tsnow", 100) == "> a fox in the snow"


def test_direction_overrides_do_not_reach_the_card() -> None:
    assert shown("a \u202efox\u200b", 100) == "a fox"


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_what_is_cut_never_exceeds_its_length(text: str, limit: int) -> None:
    assert len(one_line(text, limit)) <= limit


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A fox, in the snow!", "a_fox_in_the_snow"),
        ("雪中的狐狸", "video"),
        ("🦊", "video"),
        ("../../etc/passwd", "etc_passwd"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_file_name_has_only_characters_that_discord_keeps(prompt: str, expected: str) -> None:
    assert slug(prompt) == expected
