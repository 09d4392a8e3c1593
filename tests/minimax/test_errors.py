"""Every code of the contract sheet, as the answer to the paid call and to a question, from a table of its own."""

from __future__ import annotations

import pytest

from jobs.errors import (
    Misconfigured,
    OutOfCredit,
    ProviderError,
    Reason,
    Refused,
    Throttled,
    Transient,
    Uncertain,
)
from minimax.errors import CODES, Complaint, create_error, poll_error, task_failure

Expected = tuple[type[ProviderError], Reason | None]

TABLE: dict[int, tuple[Expected, Expected]] = {
    1000: ((Uncertain, None), (Transient, None)),
    1001: ((Uncertain, None), (Transient, None)),
    1002: ((Throttled, None), (Throttled, None)),
    1004: ((Misconfigured, None), (Misconfigured, None)),
    1008: ((OutOfCredit, None), (OutOfCredit, None)),
    1013: ((Uncertain, None), (Transient, None)),
    1024: ((Uncertain, None), (Transient, None)),
    1026: ((Refused, Reason.MODERATED_INPUT), (Refused, Reason.MODERATED_INPUT)),
    1027: ((Refused, Reason.MODERATED_OUTPUT), (Refused, Reason.MODERATED_OUTPUT)),
    1028: ((OutOfCredit, None), (OutOfCredit, None)),
    1030: ((OutOfCredit, None), (OutOfCredit, None)),
    1033: ((Uncertain, None), (Transient, None)),
    1039: ((Throttled, None), (Throttled, None)),
    1041: ((Throttled, None), (Throttled, None)),
    1042: ((Refused, Reason.UNUSABLE_CHARACTERS), (Refused, Reason.UNUSABLE_CHARACTERS)),
    2013: ((Refused, Reason.INVALID_REQUEST), (Refused, Reason.TASK_LOST)),
    2038: ((Misconfigured, None), (Misconfigured, None)),
    2045: ((Throttled, None), (Throttled, None)),
    2049: ((Misconfigured, None), (Misconfigured, None)),
    2056: ((OutOfCredit, None), (OutOfCredit, None)),
    2061: ((Refused, Reason.MODEL_UNAVAILABLE), (Misconfigured, None)),
}

HTTP: dict[int, tuple[Expected, Expected]] = {
    200: ((Uncertain, None), (Transient, None)),
    301: ((Misconfigured, None), (Transient, None)),
    302: ((Misconfigured, None), (Transient, None)),
    303: ((Uncertain, None), (Transient, None)),
    308: ((Misconfigured, None), (Transient, None)),
    400: ((Refused, Reason.INVALID_REQUEST), (Transient, None)),
    401: ((Misconfigured, None), (Misconfigured, None)),
    402: ((OutOfCredit, None), (OutOfCredit, None)),
    403: ((Misconfigured, None), (Misconfigured, None)),
    404: ((Misconfigured, None), (Transient, None)),
    405: ((Misconfigured, None), (Transient, None)),
    407: ((Misconfigured, None), (Misconfigured, None)),
    408: ((Uncertain, None), (Transient, None)),
    413: ((Refused, Reason.INVALID_REQUEST), (Transient, None)),
    429: ((Throttled, None), (Throttled, None)),
    500: ((Uncertain, None), (Transient, None)),
    502: ((Uncertain, None), (Transient, None)),
    503: ((Uncertain, None), (Transient, None)),
    504: ((Uncertain, None), (Transient, None)),
    529: ((Uncertain, None), (Transient, None)),
}


def seen(error: ProviderError) -> Expected:
    return type(error), error.reason if isinstance(error, Refused) else None


def test_the_table_here_covers_every_code_there() -> None:
    assert TABLE.keys() == CODES.keys()


@pytest.mark.parametrize("code", TABLE)
def test_each_code_has_its_class_on_create_and_on_poll(code: int) -> None:
    complaint = Complaint(call="any", status=200, code=code, text="words")

    assert (seen(create_error(complaint)), seen(poll_error(complaint, gone=Reason.TASK_LOST))) == TABLE[code]


@pytest.mark.parametrize("status", HTTP)
def test_each_http_status_without_a_code_has_its_class_on_create_and_on_poll(status: int) -> None:
    complaint = Complaint(call="any", status=status, text="<html>")

    assert (seen(create_error(complaint)), seen(poll_error(complaint, gone=Reason.TASK_LOST))) == HTTP[status]


def test_an_unlisted_code_ends_a_create_and_lets_a_question_be_asked_again() -> None:
    complaint = Complaint(call="any", status=200, code=4711, text="words")

    assert seen(create_error(complaint)) == (Refused, Reason.REFUSED)
    assert seen(poll_error(complaint, gone=Reason.TASK_LOST)) == (Transient, None)


@pytest.mark.parametrize("code", [None, 0, 4711])
def test_an_http_error_says_more_than_an_unlisted_code_beside_it(code: int | None) -> None:
    complaint = Complaint(call="any", status=502, code=code)

    assert seen(create_error(complaint)) == (Uncertain, None)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_listed_code_says_more_than_the_http_status_around_it(status: int) -> None:
    complaint = Complaint(call="any", status=status, code=1008)

    assert seen(create_error(complaint)) == (OutOfCredit, None)


@pytest.mark.parametrize("code", [*TABLE, 4711])
def test_every_error_carries_the_raw_code_the_raw_text_and_an_explanation(code: int) -> None:
    complaint = Complaint(call="create", status=200, code=code, text="raw words")

    for error in (create_error(complaint), poll_error(complaint, gone=Reason.TASK_LOST)):
        assert (error.code, error.text) == (code, "raw words")
        assert str(error).startswith("create: ")
        assert f"({code} raw words)" in str(error)


def test_a_pause_that_was_asked_for_is_passed_on() -> None:
    complaint = Complaint(call="create", status=429, retry_after=7.0)

    assert create_error(complaint).retry_after == 7.0
    assert create_error(complaint).code == 429


def test_what_is_gone_is_named_by_the_question() -> None:
    complaint = Complaint(call="locate", status=200, code=2013)

    assert seen(poll_error(complaint, gone=Reason.FILE_LOST)) == (Refused, Reason.FILE_LOST)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1026, Reason.MODERATED_INPUT),
        (1027, Reason.MODERATED_OUTPUT),
        (1042, Reason.UNUSABLE_CHARACTERS),
        (2013, Reason.INVALID_REQUEST),
        (0, Reason.PROVIDER_FAILED),
        (1000, Reason.PROVIDER_FAILED),
        (1008, Reason.PROVIDER_FAILED),
        (4711, Reason.PROVIDER_FAILED),
        (None, Reason.PROVIDER_FAILED),
    ],
)
def test_a_failed_task_has_the_reason_of_its_code_or_none(code: int | None, reason: Reason) -> None:
    failure = task_failure(code, "raw words")

    assert (failure.reason, failure.code, failure.detail) == (reason, code, "raw words")
