"""Discord's refusals: JSON error codes with the HTTP status and the words they come with.

Source: Discord docs, Opcodes and Status Codes; statuses that the docs leave out are as reported by bot authors.
"""

from tests.wire.fake_discord.values import Json

REFUSALS: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached"),
    40005: (413, "Request entity too large"),
    40058: (400, "Cannot message this thread until after the post author has sent an initial message."),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "Maximum number of follow up messages reached"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    160005: (403, "Thread is locked"),
}


class DiscordError(Exception):
    """A request that Discord refuses.

    Args:
        code: Discord's JSON error code; must be listed in ``REFUSALS``.
        detail: What was wrong, for codes that cover many faults (50035).
    """

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.status, self.text = REFUSALS[code]
        self.detail = detail
        super().__init__(f"{self.status} (error code: {code}): {self.text} {detail}".rstrip())

    def body(self) -> Json:
        """Return the JSON that Discord answers with."""
        answer: Json = {"message": self.text, "code": self.code}
        if self.detail:
            answer["errors"] = {"_errors": [{"code": "BASE_TYPE_BAD", "message": self.detail}]}
        return answer
