"""Other people's words on our cards: harmless, short, and still theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.text import cut, inert, isolated, one_line, quoted, shown, slug


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("*bold* _it_ ~~gone~~ ||spoiler|| `code`", r"\*bold\* \_it\_ \~\~gone\~\~ \|\|spoiler\|\| \`code\`"),
        ("[click](https://example.com)", r"\[click\](https\://example.com)"),
        ("see http://example.com now", r"see http\://example.com now"),
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


@pytest.mark.parametrize(
    "text",
    ["قطة على القمر, 2 minutes", "חתול *על* הירח", "a fox called ثعلب!", "٣٤"],
    ids=["ar", "he", "mixed", "digits"],
)
def test_words_that_run_from_right_to_left_leave_the_line_around_them_alone(text: str) -> None:
    assert isolated(text) == f"\u2068{text}\u2069"
    assert shown(text, 100)[0] + shown(text, 100)[-1] == "\u2068\u2069"
    assert quoted(text, 100).startswith("> \u2068")


@pytest.mark.parametrize("text", ["a fox", "雪中的狐狸", "🦊", "2.5", ""])
def test_words_that_go_well_with_ours_are_left_as_they_are(text: str) -> None:
    assert isolated(text) == text


def test_what_is_cut_off_in_the_middle_stays_isolated_from_our_words() -> None:
    assert shown("ثعلب " * 100, 20).endswith("…\u2069")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("ab👨‍👩‍👧cd", 5, "ab…"),
        ("ab👍🏽cd", 4, "ab…"),
        ("ab🇨🇭🇨🇳", 4, "ab…"),
        ("ab🇨🇭🇨🇳", 5, "ab🇨🇭…"),
        ("abe\u0301fgh", 4, "ab…"),
        ("🇨🇭🇨🇳🇺🇸", 3, "🇨🇭…"),
        ("abcdef", 4, "abc…"),
        ("abc def", 5, "abc…"),
        ("a boat, and rain", 9, "a boat…"),
        ("雨中的，纸船", 5, "雨中的…"),
        ("a " + "b" * 40, 30, "a " + "b" * 27 + "…"),
        ("e" + "\u0301" * 100, 40, "e" + "\u0301" * 38 + "…"),
    ],
)
def test_a_cut_goes_through_no_visible_sign_and_no_short_word(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


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
