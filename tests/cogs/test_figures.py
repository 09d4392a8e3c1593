"""Figures as people read them: amounts of money, lengths of time, estimates, and how far a video is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cogs.ui.bar import about, bar
from cogs.ui.figures import money, span
from jobs.model import Money
from locales import Texts


@pytest.mark.parametrize("tenths", range(11))
def test_the_bar_has_ten_blocks_and_a_filled_one_for_each_tenth(tenths: int) -> None:
    assert (len(bar(tenths)), bar(tenths).count("▰")) == (10, tenths)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "5 s"), (43, "45 s"), (59, "1 min"), (64, "1 min"), (83, "1 min 20 s"), (631, "11 min"), (7300, "2 h 2 min")],
)
def test_an_estimate_is_as_exact_as_it_deserves(texts: Texts, seconds: float, said: str) -> None:
    assert about(seconds, texts.for_locale("en-US")) == said


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("0.28", "USD", "en-US", "$0.28"),
        ("2", "CNY", "zh-CN", "¥2.00"),
        ("0.0875", "USD", "en-US", "$0.0875"),
        ("1234.5", "USD", "en-US", "$1,234.50"),
    ],
)
def test_money_has_the_decimals_it_needs(texts: Texts, amount: str, currency: str, locale: str, expected: str) -> None:
    assert money(Money.of(Decimal(amount), currency), texts.for_locale(locale)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min 59 s"), (7260, "2 h 1 min"), (7200, "2 h")],
)
def test_lengths_of_time_read_well(texts: Texts, seconds: float, expected: str) -> None:
    assert span(seconds, texts.for_locale("en-US")) == expected
