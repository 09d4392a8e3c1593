"""Every REST call the fake answers, written as Discord's OpenAPI document writes it.

The one table behind routing, fault rules, the journal and the check against the document. Order matters: fixed
paths stand before the patterns that would swallow them.
"""

import re
from enum import StrEnum
from typing import Self

PARAMETER = re.compile(r"\{\w+\}")


class Call(StrEnum):
    """Method and path template of one REST call."""

    CURRENT_USER = "GET /users/@me"
    OPEN_DM = "POST /users/@me/channels"
    USER = "GET /users/{user_id}"
    APPLICATION = "GET /applications/@me"
    OAUTH_APPLICATION = "GET /oauth2/applications/@me"
    GATEWAY_BOT = "GET /gateway/bot"
    GLOBAL_COMMANDS = "GET /applications/{application_id}/commands"
    SYNC_GLOBAL = "PUT /applications/{application_id}/commands"
    GUILD_COMMANDS = "GET /applications/{application_id}/guilds/{guild_id}/commands"
    SYNC_GUILD = "PUT /applications/{application_id}/guilds/{guild_id}/commands"
    GUILD = "GET /guilds/{guild_id}"
    CHANNEL = "GET /channels/{channel_id}"
    TYPING = "POST /channels/{channel_id}/typing"
    HISTORY = "GET /channels/{channel_id}/messages"
    CREATE_MESSAGE = "POST /channels/{channel_id}/messages"
    GET_MESSAGE = "GET /channels/{channel_id}/messages/{message_id}"
    EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
    DELETE_MESSAGE = "DELETE /channels/{channel_id}/messages/{message_id}"
    RESPOND = "POST /interactions/{interaction_id}/{interaction_token}/callback"
    FOLLOWUP = "POST /webhooks/{webhook_id}/{webhook_token}"
    GET_ORIGINAL = "GET /webhooks/{webhook_id}/{webhook_token}/messages/@original"
    EDIT_ORIGINAL = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
    DELETE_ORIGINAL = "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original"
    GET_FOLLOWUP = "GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
    EDIT_FOLLOWUP = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
    DELETE_FOLLOWUP = "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.value.split(" ")[0]

    @property
    def template(self) -> str:
        """The path below the API's base, with its parameters in braces."""
        return self.value.split(" ")[1]

    @classmethod
    def of(cls, method: str, path: str) -> Self | None:
        """Return the call that a method and a path make; None where it is none of these."""
        return next((call for call in cls if call.method == method and call._matches(path)), None)

    def _matches(self, path: str) -> bool:
        return re.fullmatch(PARAMETER.sub("[^/]+", self.template), path) is not None
