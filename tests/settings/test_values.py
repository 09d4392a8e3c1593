"""Where the values of settings come from, what is needed, what they mean, and which are warned of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from settings import Currency, LogFormat, LogLevel, Settings, SettingsError, load_settings
from tests.settings.reading import NAMES, problems

# --- where values come from ----------------------------------------------------------------------------------------


def test_a_variable_of_the_environment_wins_over_the_file(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("MINIMAX_TASKS_IN_FLIGHT=7\nDEFAULT_DURATION=10\n", encoding="utf-8")
    monkeypatch.setenv("MINIMAX_TASKS_IN_FLIGHT", "9")

    settings = load_settings(dotenv, needs=())

    assert (settings.minimax_tasks_in_flight, settings.default_duration) == (9, 10)


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_variable_counts_as_not_set(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, nothing)

    settings = Settings()

    monkeypatch.undo()
    assert Settings() == settings


def test_an_empty_variable_does_not_hide_the_file(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("DEFAULT_DURATION=10\n", encoding="utf-8")
    monkeypatch.setenv("DEFAULT_DURATION", "")

    assert load_settings(dotenv, needs=()).default_duration == 10


def test_unknown_names_in_the_file_are_ignored(dotenv: Path) -> None:
    dotenv.write_text("SOMEBODY_ELSES=1\n", encoding="utf-8")

    assert load_settings(dotenv, needs=()) == Settings()


def test_a_file_with_a_byte_order_mark_is_read(dotenv: Path) -> None:
    dotenv.write_text("\ufeffDEFAULT_DURATION=10\n", encoding="utf-8")

    assert load_settings(dotenv, needs=()).default_duration == 10


def test_a_file_that_is_no_text_is_said_so(dotenv: Path) -> None:
    dotenv.write_bytes(b"DEFAULT_MODEL=\xff\xfe\n")

    assert problems(dotenv) == (f"{dotenv} is not UTF-8 text: save it again with that encoding.",)


def test_a_missing_file_is_no_problem(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "absent", needs=()) == Settings()


# --- what is needed ------------------------------------------------------------------------------------------------


def test_each_missing_secret_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None)

    assert caught.value.problems == (
        "DISCORD_TOKEN is not set: put it into .env or the environment.",
        "MINIMAX_API_KEY is not set: put it into .env or the environment.",
    )


def test_with_the_two_secrets_alone_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", " obviously-fake-token\n")
    monkeypatch.setenv("MINIMAX_API_KEY", "obviously-fake-key")

    settings = load_settings(None)

    assert settings.discord_token.get_secret_value() == "obviously-fake-token"
    assert settings.minimax_api_key.get_secret_value() == "obviously-fake-key"


# --- what values mean ----------------------------------------------------------------------------------------------


def test_limits_of_zero_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_VIDEOS_PER_DAY", "0")
    monkeypatch.setenv("TOTAL_SPEND_PER_MONTH", "0.00")

    settings = Settings()

    assert (settings.user_videos_per_day, settings.total_spend_per_month) == (None, None)


def test_money_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_SPEND_PER_MONTH", "0.1")

    assert Settings().user_spend_per_month == Decimal("0.1")


def test_lists_are_separated_by_commas_of_either_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER_IDS", "11, 22，33,")
    monkeypatch.setenv("ENABLED_MODELS", "MiniMax-Hailuo-02 , MiniMax-Hailuo-2.3")
    monkeypatch.setenv("MINIMAX_PRICES", "S2V-01:720P:6=0.43，MiniMax-H3:768P:s=0.08")

    settings = Settings()

    assert settings.owner_ids == (11, 22, 33)
    assert settings.enabled_models == ("MiniMax-Hailuo-02", "MiniMax-Hailuo-2.3")
    assert settings.minimax_prices == ("S2V-01:720P:6=0.43", "MiniMax-H3:768P:s=0.08")


@pytest.mark.parametrize(
    ("base_url", "currency"),
    [
        ("https://api.minimaxi.com", Currency.CNY),
        ("https://api.minimax.cn/", Currency.CNY),
        ("https://api.minimax.io", Currency.USD),
        ("http://127.0.0.1:8123", Currency.USD),
    ],
)
def test_the_currency_follows_the_host(base_url: str, currency: Currency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_BASE_URL", base_url)

    assert Settings().currency == currency


def test_a_given_currency_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURRENCY", "usd")

    assert Settings().currency == Currency.USD


@pytest.mark.parametrize(
    ("data_dir", "url"),
    [("data", "sqlite+aiosqlite:///data/bot.db"), ("/var/lib/bot", "sqlite+aiosqlite:////var/lib/bot/bot.db")],
)
def test_the_database_lies_in_the_data_folder(data_dir: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", data_dir)

    assert Settings().database_url.get_secret_value() == url


def test_reading_settings_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    load_settings(needs=())

    assert list(tmp_path.iterdir()) == []


def test_names_may_be_written_in_either_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("LOG_FORMAT", "JSON")
    monkeypatch.setenv("DEFAULT_RESOLUTION", "768p")
    monkeypatch.setenv("TIMEZONE", "Asia/Shanghai")

    settings = Settings()

    assert (
        settings.log_level,
        settings.log_format,
        settings.default_resolution,
    ) == (LogLevel.DEBUG, LogFormat.JSON, "768P")
    assert settings.timezone == ZoneInfo("Asia/Shanghai")


def test_the_address_of_the_provider_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_BASE_URL", "https://api.minimax.io/")

    assert Settings().minimax_base_url == "https://api.minimax.io"


@pytest.mark.parametrize("url", ["https://videos.example.com", "https://example.com/bot/", "http://127.0.0.1:8080"])
def test_the_public_address_ends_without_a_slash_and_may_be_this_machine(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PORT", "8080")
    monkeypatch.setenv("PUBLIC_URL", url)

    assert Settings().public_url == url.rstrip("/")


def test_a_wrong_port_is_one_problem_even_where_the_public_address_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "http")
    monkeypatch.setenv("PUBLIC_URL", "https://videos.example.com")

    assert problems() == ("WEB_PORT must be a whole number.",)


# --- what is unwise ------------------------------------------------------------------------------------------------


def test_neither_a_limit_nor_an_allow_list_is_warned_of() -> None:
    (sentence,) = Settings().warnings()

    assert "TOTAL_SPEND_PER_MONTH" in sentence
    assert "ALLOWED_GUILD_IDS" in sentence


@pytest.mark.parametrize(
    "name",
    [
        "ALLOWED_GUILD_IDS",
        "USER_VIDEOS_PER_DAY",
        "USER_VIDEOS_AT_ONCE",
        "GUILD_VIDEOS_AT_ONCE",
        "USER_SPEND_PER_MONTH",
        "GUILD_SPEND_PER_MONTH",
        "TOTAL_SPEND_PER_MONTH",
    ],
)
def test_one_limit_or_an_allow_list_is_enough(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "5")

    assert Settings().warnings() == ()


def test_a_key_that_would_travel_in_the_clear_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_VIDEOS_AT_ONCE", "1")
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://relay.example")

    assert Settings().warnings() == (
        "MINIMAX_BASE_URL begins with http:// and is not this machine: the key would travel unencrypted.",
    )


def test_the_simulator_on_this_machine_needs_no_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_VIDEOS_AT_ONCE", "1")
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://127.0.0.1:9000")

    assert Settings().warnings() == ()
