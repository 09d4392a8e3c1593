"""Whom a message notifies, given its text and its ``allowed_mentions``.

Pure. Source: Discord docs, Allowed Mentions Object: without the object everything in the text notifies.
"""

import re

from tests.wire.fake_discord.values import Json

USER_MENTION = re.compile(r"<@!?(\d+)>")
EVERYONE = re.compile(r"@(?:everyone|here)")


def notified(text: str, allowed: Json | None, *, replied_to: int | None = None) -> tuple[list[int], bool]:
    """Return the ids of the people notified, and whether everyone was.

    Args:
        text: All text of the message, text displays too.
        allowed: The request's ``allowed_mentions``; None when it was left out.
        replied_to: Author of the message replied to, if any.
    """
    mentioned = list(dict.fromkeys(int(found) for found in USER_MENTION.findall(text)))
    everyone = EVERYONE.search(text) is not None
    if allowed is None:
        parsed, listed, replied = {"users", "everyone"}, set[int](), True
    else:
        parsed = set(allowed.get("parse") or ())
        listed = {int(one) for one in allowed.get("users") or ()}
        replied = bool(allowed.get("replied_user"))
    people = [one for one in mentioned if "users" in parsed or one in listed]
    if replied_to is not None and replied and replied_to not in people:
        people.append(replied_to)
    return people, everyone and "everyone" in parsed
