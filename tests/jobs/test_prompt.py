import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.prompt import clean_prompt


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a cat on the moon", "a cat on the moon"),
        ("  a cat \t on\u00a0the moon  ", "a cat on the moon"),
        ("line one\r\n\r\n\r\n\r\nline two", "line one\n\nline two"),
        ("pay\u202elaod", "paylaod"),
        ("a\u200bb\ufeffc\x00d\x1b[31me", "abcd[31me"),
        ("👩\u200d🚀 floats above the earth at dawn", "👩\u200d🚀 floats above the earth at dawn"),
        ("🐈🌙", "🐈🌙"),
        ("a\u200db\u200dc\u200dd", "abcd"),
        ("一只猫在月球上", "一只猫在月球上"),
        ("@everyone look", "@everyone look"),
        ("\u200b\u200d\u2060 \n\t", ""),
        ("", ""),
    ],
)
def test_what_nobody_can_see_is_not_sent(typed: str, sent: str) -> None:
    assert clean_prompt(typed) == sent


@given(st.text())
def test_a_clean_prompt_stays_as_it_is_and_has_few_invisible_characters(typed: str) -> None:
    clean = clean_prompt(typed)

    assert clean_prompt(clean) == clean
    assert clean == clean.strip()
    invisible = sum(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"} and c != "\n" for c in clean)
    assert invisible <= 0.1 * len(clean)
