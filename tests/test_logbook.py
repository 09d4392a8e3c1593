import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from logbook import open_logbook


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("discord", "discord.http", "discord.gateway")}
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_the_jobs_id() -> None:
    stream = io.StringIO()
    open_logbook("INFO", as_json=True, stream=stream)
    with structlog.contextvars.bound_contextvars(job="abc"):
        structlog.get_logger("jobs.steps").info("task made", task="176843862716480")

    (line,) = lines(stream)
    assert (line["event"], line["job"], line["task"], line["level"]) == ("task made", "abc", "176843862716480", "info")
    assert str(line["timestamp"]).endswith("Z")


def test_libraries_log_in_the_same_form_and_without_peoples_prompts() -> None:
    stream = io.StringIO()
    open_logbook("DEBUG", as_json=True, stream=stream)
    logging.getLogger("discord.client").info("logging in")
    logging.getLogger("discord.http").info("POST with the whole body")

    assert [line["event"] for line in lines(stream)] == ["logging in"]


def test_an_exception_comes_with_its_trace_and_text_for_people_is_plain() -> None:
    stream = io.StringIO()
    open_logbook("INFO", as_json=False, stream=stream)
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        structlog.get_logger("x").exception("step broke", job="abc")

    text = stream.getvalue()
    assert "step broke" in text
    assert "job=abc" in text
    assert "ZeroDivisionError" in text
    assert "\x1b[" not in text


def test_below_the_level_nothing_is_logged() -> None:
    stream = io.StringIO()
    open_logbook("WARNING", as_json=True, stream=stream)
    structlog.get_logger("x").info("not this")
    structlog.get_logger("x").warning("but this")

    assert [line["event"] for line in lines(stream)] == ["but this"]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_traceback_shows_no_values_of_variables(as_json: bool) -> None:
    stream = io.StringIO()
    open_logbook("INFO", as_json=as_json, stream=stream)

    def step(prompt: str) -> None:
        raise ValueError(f"{len(prompt)} characters")

    wish = "a secret wish"
    try:
        step(wish)
    except ValueError:
        structlog.get_logger("jobs.engine").exception("step broke")

    assert "ValueError: 13 characters" in stream.getvalue()
    assert "secret wish" not in stream.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_traceback_of_a_library_shows_no_password_of_a_proxy(as_json: bool) -> None:
    stream = io.StringIO()
    open_logbook("INFO", as_json=as_json, stream=stream)
    refusal = OSError("407, url='http://someone:hunter2@127.0.0.1:7890'")
    logging.getLogger("discord.client").error("Attempting a reconnect", exc_info=refusal)

    assert "http://***@127.0.0.1:7890" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
