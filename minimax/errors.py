"""What MiniMax's codes and HTTP statuses mean, as one table each, and the exceptions they become.

The same code means different things for the paid call and for a question: after a server fault a question is simply
asked again, while a paid call may have made a task. Pure: no I/O, no logging.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
from jobs.model import Failure

SUCCESS: Final = 0


class Verdict(StrEnum):
    """What to do about an answer that is no success."""

    UNCERTAIN = "uncertain"
    TRANSIENT = "transient"
    THROTTLED = "throttled"
    REFUSED = "refused"
    GONE = "gone"  # what the question was about does not exist (any more)
    MISCONFIGURED = "misconfigured"
    OUT_OF_CREDIT = "out of credit"


_V = Verdict


@dataclass(frozen=True, slots=True)
class Code:
    """One code of the provider.

    Args:
        meaning: What it tells the operator.
        on_create: What it means as the answer to the paid call.
        on_poll: What it means as the answer to a question (query, locate).
        reason: Why there is no video, where the code is about the video asked for.
    """

    meaning: str
    on_create: Verdict
    on_poll: Verdict
    reason: Reason | None = None


def _server(meaning: str) -> Code:
    return Code(meaning, _V.UNCERTAIN, _V.TRANSIENT)


def _throttle(meaning: str) -> Code:
    return Code(meaning, _V.THROTTLED, _V.THROTTLED)


def _key(meaning: str) -> Code:
    return Code(meaning, _V.MISCONFIGURED, _V.MISCONFIGURED)


def _credit(meaning: str) -> Code:
    return Code(meaning, _V.OUT_OF_CREDIT, _V.OUT_OF_CREDIT)


def _refusal(meaning: str, reason: Reason) -> Code:
    return Code(meaning, _V.REFUSED, _V.REFUSED, reason)


CODES: Final[dict[int, Code]] = {
    1000: _server("the service failed for an unknown reason"),
    1001: _server("the service timed out"),
    1002: _throttle("too many requests per minute"),
    1004: _key("the key is not accepted: check MINIMAX_API_KEY, and that it belongs to the region of MINIMAX_BASE_URL"),
    1008: _credit("the balance is used up"),
    1013: _server("the service failed inside"),
    1024: _server("the service failed inside"),
    1026: _refusal("moderation refused the prompt or a picture", Reason.MODERATED_INPUT),
    1027: _refusal("moderation withheld the video", Reason.MODERATED_OUTPUT),
    1028: _credit("the quota of the day is used up"),
    1030: _credit("the quota of the plan is used up"),
    1033: _server("the service's database failed"),
    1039: _throttle("too many tokens per minute"),
    1041: _throttle("too many tasks at once"),
    1042: _refusal("too many invisible characters in the prompt", Reason.UNUSABLE_CHARACTERS),
    2013: Code("the parameters are not valid", _V.REFUSED, _V.GONE, Reason.INVALID_REQUEST),
    2038: _key("the account lacks real-name verification"),
    2045: _throttle("requests grow too fast"),
    2049: _key("the key is not valid: check MINIMAX_API_KEY, and that it belongs to the region of MINIMAX_BASE_URL"),
    2056: _credit("the plan's window is used up"),
    # Only this model is out of reach, so its jobs end and the others go on; a question never depends on the model.
    2061: Code("the plan does not cover this model", _V.REFUSED, _V.MISCONFIGURED, Reason.MODEL_UNAVAILABLE),
}
"""MiniMax docs, api-reference/errorcode; 1013 from the files pages; 1028, 1030, 2056, 2061 from mmx-cli 1.0.27; 2038
from minimax-mcp 0.0.19. Codes of the voice APIs are left out: like any unlisted one they end a create."""

UNLISTED: Final = Code("an unlisted code", _V.REFUSED, _V.TRANSIENT, Reason.REFUSED)

_WRONG_ADDRESS: Final = "the address does not serve the video API: check MINIMAX_BASE_URL"
_KEY_REFUSED: Final = "the key is not accepted: check MINIMAX_API_KEY"

HTTP_STATUSES: Final[dict[int, Code]] = {
    # How a POST that has done its work sends its caller elsewhere (RFC 9110, section 15.4.4).
    303: _server("the answer lies elsewhere"),
    # Seen on the US-West host, which serves speech only: its video paths answer 404.
    404: Code(_WRONG_ADDRESS, _V.MISCONFIGURED, _V.TRANSIENT),
    405: Code(_WRONG_ADDRESS, _V.MISCONFIGURED, _V.TRANSIENT),
    401: _key(_KEY_REFUSED),
    402: _credit("the balance is used up"),
    403: _key(_KEY_REFUSED),
    407: _key("the proxy wants a name and a password: check MINIMAX_PROXY"),
    408: _server("the request timed out on the way"),
    429: _throttle("too many requests"),
}
"""Statuses without a code of the provider beside them: gateways, proxies and other hosts answer so, V1 itself does not
(the list is that of mmx-cli 1.0.27, and RFC 9110)."""

TYPES: Final[dict[str, int]] = {
    "bad_request_error": 2013,
    "authorized_error": 1004,
    "insufficient_balance_error": 1008,
    "unprocessable_entity_error": 1026,
    "rate_limit_error": 1002,
    "server_error": 1000,
}
"""The code that goes with a type of V2's errors, for answers that do not name it (MiniMax docs, V2 create). An
`overloaded_error` has none: its status 529 says it all."""

_UNKNOWN_TASK: Final = "record not found"
"""How V2 was seen to answer about an unknown task, with HTTP 500 (litellm 1.109.1): no server fault, however it looks."""

_REDIRECT: Final = Code(_WRONG_ADDRESS, _V.MISCONFIGURED, _V.TRANSIENT)
_CLIENT_ERROR: Final = Code("the request was not understood", _V.REFUSED, _V.TRANSIENT, Reason.INVALID_REQUEST)
_UNREADABLE: Final = _server("the answer could not be read")


def of_status(status: int) -> Code:
    """What an HTTP status means when the answer names no code of the provider."""
    if status in HTTP_STATUSES:
        return HTTP_STATUSES[status]
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
        return _REDIRECT
    if 400 <= status < 500:  # noqa: PLR2004 - RFC 9110, section 15.5
        return _CLIENT_ERROR
    return _UNREADABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An answer that is no success.

    Args:
        call: Which call it answers, as the log names it.
        status: The HTTP status.
        code: The provider's code, where it gave one.
        text: The provider's words, or the start of what was answered instead.
        retry_after: Seconds it asks us to wait, where it says so.
    """

    call: str
    status: int
    code: int | None = None
    text: str = ""
    retry_after: float | None = None

    @property
    def rule(self) -> Code:
        """The code's row; an unlisted code says less than a telling HTTP status beside it."""
        if self.code in CODES:
            return CODES[self.code]
        if self.code in {None, SUCCESS} or self.status >= 300:  # noqa: PLR2004 - not a 2xx
            return of_status(self.status)
        return UNLISTED

    @property
    def made_nothing(self) -> bool:
        """Whether the provider's own code, as the answer to the paid call, says that no task exists."""
        return self.code in CODES and CODES[self.code].on_create is not _V.UNCERTAIN

    @property
    def raw_code(self) -> int:
        """The provider's code, or the HTTP status where it gave none."""
        return self.code if self.code is not None else self.status


def create_error(complaint: Complaint) -> ProviderError:
    """The exception for an answer to the paid call; `Uncertain` unless it surely made nothing."""
    return _error(complaint, complaint.rule.on_create, gone=Reason.REFUSED)


def poll_error(complaint: Complaint, *, gone: Reason) -> ProviderError:
    """The exception for an answer to a question.

    Args:
        complaint: The answer.
        gone: Why there is no video if what was asked about does not exist (any more).
    """
    verdict = _V.GONE if _UNKNOWN_TASK in complaint.text.casefold() else complaint.rule.on_poll
    return _error(complaint, verdict, gone=gone)


def task_failure(code: int | None, text: str) -> Failure:
    """Why a task failed that the provider itself calls failed; a code of 0 or an unlisted one gives no reason."""
    known = CODES.get(code) if code is not None else None
    return Failure(reason=(known and known.reason) or Reason.PROVIDER_FAILED, code=code, detail=text)


_PLAIN: Final[dict[Verdict, Callable[..., ProviderError]]] = {
    _V.UNCERTAIN: Uncertain,
    _V.TRANSIENT: Transient,
    _V.THROTTLED: Throttled,
    _V.MISCONFIGURED: Misconfigured,
    _V.OUT_OF_CREDIT: OutOfCredit,
}


def _error(complaint: Complaint, verdict: Verdict, *, gone: Reason) -> ProviderError:
    rule = complaint.rule
    raw = f"{complaint.raw_code} {complaint.text}".strip()
    message = f"{complaint.call}: {rule.meaning} ({raw})"
    if verdict in _PLAIN:
        return _PLAIN[verdict](message, code=complaint.raw_code, text=complaint.text, retry_after=complaint.retry_after)
    reason = gone if verdict is _V.GONE else rule.reason or Reason.REFUSED
    return Refused(reason, message, code=complaint.raw_code, text=complaint.text)
