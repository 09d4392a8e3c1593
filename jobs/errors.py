"""Everything that can go wrong, classified once, where it is known; worded once, where a person reads it.

BotError
├── RequestProblem          the person can mend it; nothing was made, nothing was paid
│   ├── InvalidPrompt       empty, too long, or unreadable
│   ├── NotOffered          no enabled model makes this; says what is offered instead
│   ├── UnfitInputs         the files cannot be used together
│   ├── LimitReached        a count or a budget is used up
│   ├── UnknownJob          no such job, or not one this person may see
│   ├── NotYourJob          only the requester (or a moderator) may do this
│   ├── DraftGone           what was begun is no longer kept
│   └── TooLate             the job has gone on; the action no longer applies
├── ProviderError           carries the provider's raw code and text, for the log
│   ├── NotSent             the request never left this machine: safe to repeat
│   ├── Throttled           the provider asks us to slow down; nothing was made
│   ├── Transient           a passing fault of a call that costs nothing
│   │   └── BrokenDownload  short, expired or of the wrong type: ask for a new link
│   ├── Refused             the provider will not make this video
│   ├── OperatorFault       nobody's video can be made until an operator acts
│   │   ├── Misconfigured   bad key, wrong region, model not in the plan
│   │   └── OutOfCredit     no balance, or the plan's window is used up
│   └── Uncertain           a paid call whose outcome is unknown: never repeated by itself
├── DeliveryError           carries Discord's raw status and code
│   ├── DeliveryDelayed     rate limit, 5xx, reset: try again later
│   ├── TooLarge            the channel takes smaller files only
│   └── Undeliverable       the place is gone or closed to us for good
├── StoreUnavailable        the database is locked, full or out of reach: try again later
└── IllegalTransition       a bug: the table in `jobs.model` does not allow this step
"""

from __future__ import annotations

import re
from enum import StrEnum

from .request import Role


class Reason(StrEnum):
    """Why a job waits or has failed: one stable word each, the key of the text a person reads."""

    MODERATED_INPUT = "moderated_input"
    MODERATED_OUTPUT = "moderated_output"
    UNUSABLE_CHARACTERS = "unusable_characters"
    INVALID_REQUEST = "invalid_request"
    MODEL_UNAVAILABLE = "model_unavailable"
    REFUSED = "refused"
    PROVIDER_FAILED = "provider_failed"
    TASK_LOST = "task_lost"
    FILE_LOST = "file_lost"
    VIDEO_TOO_LARGE = "video_too_large"
    GAVE_UP = "gave_up"
    THROTTLED = "throttled"
    PROVIDER_DOWN = "provider_down"
    MISCONFIGURED = "misconfigured"
    OUT_OF_CREDIT = "out_of_credit"
    ANSWER_LOST = "answer_lost"
    CHANNEL_CLOSED = "channel_closed"
    DIRECT_CLOSED = "direct_closed"
    ANSWER_UNSEEN = "answer_unseen"
    INTERNAL = "internal"
    INPUT_UNREADABLE = "input_unreadable"
    INPUT_WRONG_KIND = "input_wrong_kind"
    INPUT_TOO_LARGE = "input_too_large"
    INPUT_TOO_SMALL = "input_too_small"
    INPUT_WRONG_SHAPE = "input_wrong_shape"
    INPUT_WRONG_LENGTH = "input_wrong_length"
    INPUT_GONE = "input_gone"


class BotError(Exception):
    """Base of every error this project raises on purpose."""


class RequestProblem(BotError):
    """The person can mend it: nothing was made and nothing was paid."""


class PromptProblem(StrEnum):
    """What is wrong with a prompt."""

    EMPTY = "empty"
    TOO_LONG = "too_long"


class InvalidPrompt(RequestProblem):
    """The prompt cannot be sent.

    Args:
        problem: What is wrong.
        length: Characters it has.
        limit: Characters it may have.
    """

    def __init__(self, problem: PromptProblem, *, length: int, limit: int) -> None:
        super().__init__(f"prompt {problem}: {length} of {limit} characters")
        self.problem = problem
        self.length = length
        self.limit = limit


class NotOffered(RequestProblem):
    """No enabled model makes what was asked for.

    Args:
        option: The option at fault, as the command names it: `model`, `resolution`, `duration`, `ratio`, `camera` or
            `enhance`.
        value: What was asked for.
        allowed: What is offered instead, given the files and the other options; empty where it has to be left out.
    """

    def __init__(self, option: str, value: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{option} {value!r} is not offered; allowed: {', '.join(allowed)}")
        self.option = option
        self.value = value
        self.allowed = allowed


class InputProblem(StrEnum):
    """What is wrong with files together, before any of them is looked at."""

    LAST_FRAME_ALONE = "last_frame_alone"
    MIXED = "mixed"
    SOUND_ALONE = "sound_alone"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    NOT_MADE = "not_made"


class UnfitInputs(RequestProblem):
    """The files cannot be used together: no model would take them, or none that is enabled.

    Args:
        problem: What is wrong.
        role: Of which there are too many; None for all files together.
        limit: How many there may be, or how many bytes all may have.
    """

    def __init__(self, problem: InputProblem, *, role: Role | None = None, limit: int | None = None) -> None:
        super().__init__(" ".join(["unfit inputs:", *(str(word) for word in (problem, role, limit) if word)]))
        self.problem = problem
        self.role = role
        self.limit = limit


class Limit(StrEnum):
    """The limits an operator can set, named as their settings are."""

    USER_VIDEOS_PER_DAY = "user_videos_per_day"
    USER_VIDEOS_AT_ONCE = "user_videos_at_once"
    GUILD_VIDEOS_AT_ONCE = "guild_videos_at_once"
    USER_SPEND_PER_MONTH = "user_spend_per_month"
    GUILD_SPEND_PER_MONTH = "guild_spend_per_month"
    TOTAL_SPEND_PER_MONTH = "total_spend_per_month"


class LimitReached(RequestProblem):
    """A count or a budget is used up.

    Args:
        limit: Which one.
        resets_at: Epoch seconds when it is free again; None where it frees as soon as a video ends.
    """

    def __init__(self, limit: Limit, *, resets_at: float | None = None) -> None:
        super().__init__(f"limit reached: {limit}")
        self.limit = limit
        self.resets_at = resets_at


class UnknownJob(RequestProblem):
    """There is no such job, or not one this person may see."""


class NotYourJob(RequestProblem):
    """Only the person who asked for the video may do this."""


class DraftGone(RequestProblem):
    """What somebody had begun to fill in is no longer kept."""


class TooLate(RequestProblem):
    """The job has gone on: the action no longer applies to its state.

    Args:
        state: The state it is in now.
    """

    def __init__(self, state: str) -> None:
        super().__init__(f"too late: the job is {state}")
        self.state = state


class BadInput(BotError):
    """A person's file cannot be used; nothing was made and nothing was paid.

    Args:
        reason: One of the `INPUT_…` reasons, as the card words it.
        detail: What was found, for the log.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class ProviderError(BotError):
    """The provider, or the way to it, failed.

    Args:
        message: One line for the log.
        code: The provider's own code, or the HTTP status where it gave none.
        text: The provider's own words, never shown to people.
        retry_after: Seconds the provider asks us to wait, where it said so.
    """

    def __init__(
        self, message: str, *, code: int | None = None, text: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.text = text
        self.retry_after = retry_after


class NotSent(ProviderError):
    """The request never left this machine: repeating it cannot pay twice."""


class Throttled(ProviderError):
    """The provider asks us to slow down; no task was made."""


class Transient(ProviderError):
    """A passing fault of a call that costs nothing."""


class BrokenDownload(Transient):
    """The file came short, of the wrong type, or the link has expired: ask for a new link."""


class Refused(ProviderError):
    """The provider will not make, or did not make, this video.

    Args:
        reason: Why, as the card words it.
        message: One line for the log.
        code: The provider's own code.
        text: The provider's own words.
    """

    def __init__(self, reason: Reason, message: str, *, code: int | None = None, text: str = "") -> None:
        super().__init__(message, code=code, text=text)
        self.reason = reason


class OperatorFault(ProviderError):
    """Nobody's video can be made until an operator acts; submitting pauses as a whole."""

    reason: Reason = Reason.MISCONFIGURED


class Misconfigured(OperatorFault):
    """Bad key, wrong region, or missing verification."""


class OutOfCredit(OperatorFault):
    """The balance or the plan's window is used up."""

    reason = Reason.OUT_OF_CREDIT


class Uncertain(ProviderError):
    """A paid call whose outcome is unknown: it must never be repeated by itself."""


class DeliveryError(BotError):
    """Discord did not take a message.

    Args:
        message: One line for the log.
        status: The HTTP status, where there was an answer.
        code: Discord's own error code, where there was one.
    """

    def __init__(self, message: str, *, status: int | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class DeliveryDelayed(DeliveryError):
    """A passing fault: rate limit, server error, reset. The message may have arrived all the same.

    Args:
        message: One line for the log.
        status: The HTTP status, where there was an answer.
        code: Discord's own error code, where there was one.
        retry_after: Seconds Discord asks us to wait, where it said so.
    """

    def __init__(
        self, message: str, *, status: int | None = None, code: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_after = retry_after


class TooLarge(DeliveryError):
    """The place takes smaller files only (413, 40005)."""


class Undeliverable(DeliveryError):
    """The place is gone or closed to us for good (10003, 50001, 50013, 50007 …)."""


class StoreUnavailable(BotError):
    """The database is locked, full or out of reach for now.

    Nothing was written, unless the connection broke during the commit itself: read again before repeating.
    """


class IllegalTransition(BotError):
    """A bug in our own code: the table of transitions does not allow this step."""


def told(fault: Exception) -> str:
    """A fault of the wire in one line: its kind, and its own words without the name and password in an address.

    aiohttp quotes a proxy that refuses with everything the operator has set.
    """
    return f"{type(fault).__name__}: {without_passwords(str(fault))}"


def without_passwords(text: str) -> str:
    """A text in which no address has a name and password any more."""
    return re.sub(r"://[^\s/@]+@", "://***@", text)
