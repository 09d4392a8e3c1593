"""Discord's rules for messages: creating, repeating (nonce), editing, reading back.

Applies request bodies to the world. Knows no HTTP: callers turn ``DiscordError`` and payloads into answers.
Sources: Discord docs, Message resource (Create, Edit) and Message Flags.
"""

import re
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from tests.wire.fake_discord import layout, mentions
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.payloads import EPHEMERAL
from tests.wire.fake_discord.uploads import Upload
from tests.wire.fake_discord.values import Json, listed, now
from tests.wire.fake_discord.world import Channel, File, Message, User, World

LOADING = 1 << 7
REPLY = 19
COMMAND_ANSWER = 20
MAX_CONTENT = 2000
MAX_FILES = 10
SAFE_FLAGS = layout.IS_COMPONENTS_V2 | EPHEMERAL | 1 << 2 | 1 << 12  # suppress embeds, suppress notifications
V2_FORBIDS = ("content", "embeds", "poll", "sticker_ids")
UNSAFE_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Origin:
    """Where a message comes from when an interaction caused it.

    Attributes:
        metadata: The message's ``interaction_metadata``.
        seen_by: The only reader, for an ephemeral answer.
        upload_limit: Bytes that a file may have under this interaction's token.
    """

    metadata: Json
    seen_by: User | None
    upload_limit: int


class Board:
    """Creates, edits and reads messages as Discord would.

    Args:
        world: Where messages are kept.
        nonce_window: Seconds for which a repeated nonce finds its first message.
        clock: Monotonic seconds.
    """

    def __init__(
        self, world: World, *, nonce_window: float = 180.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.world = world
        self.nonce_window = nonce_window
        self._clock = clock
        self._nonces: dict[str, tuple[float, Message]] = {}

    def repeated(self, body: Json) -> Message | None:
        """Return the message that an enforced nonce already made, if it still counts.

        Raises:
            DiscordError: 10008, when that message was deleted meanwhile.
        """
        nonce = body.get("nonce")
        if nonce is None or not body.get("enforce_nonce"):
            return None
        made, first = self._nonces.get(str(nonce), (0.0, None))
        if first is None or self._clock() - made > self.nonce_window:
            return None
        if first.deleted:
            raise DiscordError(10008)
        return first

    def post(self, channel: Channel, body: Json, uploads: list[Upload], origin: Origin | None = None) -> Message:
        """Create a message of the bot's.

        Args:
            channel: Where.
            body: The request's JSON.
            uploads: The files that came with it.
            origin: The interaction behind it, if any.

        Raises:
            DiscordError: The body breaks a rule, or a file is too large.
        """
        if (first := self.repeated(body)) is not None:
            return first
        message = Message(self.world.ids.next(), channel, self.world.bot)
        if origin is not None:
            message.kind = COMMAND_ANSWER
            message.interaction_metadata = origin.metadata
            message.seen_by = origin.seen_by
            message.flags |= EPHEMERAL if origin.seen_by else 0
        self._apply(message, body, uploads, origin.upload_limit if origin else self.world.upload_limit_of(channel))
        replied_to = self._reply(message, body)
        message.pinged, message.pinged_everyone = mentions.notified(
            message.text, body.get("allowed_mentions"), replied_to=replied_to
        )
        if not message.flags & LOADING and not (
            message.content or message.embeds or message.components or message.files
        ):
            raise DiscordError(50006)
        message.nonce = None if body.get("nonce") is None else str(body["nonce"])
        channel.messages[message.id] = message
        if message.nonce and body.get("enforce_nonce"):
            self._nonces[message.nonce] = (self._clock(), message)
        return message

    def loading(self, channel: Channel, origin: Origin) -> Message:
        """Create the "is thinking" message of a deferred answer."""
        message = Message(self.world.ids.next(), channel, self.world.bot, kind=COMMAND_ANSWER, seen_by=origin.seen_by)
        message.flags = LOADING | (EPHEMERAL if origin.seen_by else 0)
        message.interaction_metadata = origin.metadata
        channel.messages[message.id] = message
        return message

    def edit(self, message: Message, body: Json, uploads: list[Upload], *, upload_limit: int) -> None:
        """Apply an edit of the bot's to its message.

        Raises:
            DiscordError: The message is gone or not the bot's, or the body breaks a rule.
        """
        if message.deleted:
            raise DiscordError(10008)
        if message.author is not self.world.bot:
            raise DiscordError(50005)
        message.flags &= ~LOADING
        self._apply(message, body, uploads, upload_limit)
        message.edited_at = now()
        message.revisions.append(body)

    def find(self, channel: Channel, message_id: int) -> Message:
        """Return a message that a request by channel and id reaches.

        Raises:
            DiscordError: 10008, for a deleted or ephemeral one too.
        """
        message = channel.messages.get(message_id)
        if message is None or message.deleted or message.seen_by is not None:
            raise DiscordError(10008)
        return message

    def history(self, channel: Channel, query: dict[str, str]) -> list[Message]:
        """Return a page of a channel, newest first, as ``before``, ``after``, ``around`` and ``limit`` ask.

        Raises:
            DiscordError: 50035, for a limit outside 1-100.
        """
        limit = int(query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise DiscordError(50035, "limit must be between 1 and 100")
        page = channel.timeline
        if "after" in query:
            page = [m for m in page if m.id > int(query["after"])][:limit]
        elif "around" in query:
            # As many on either side, whatever time lies between them.
            place = bisect_left(page, int(query["around"]), key=lambda m: m.id)
            page = page[max(0, place - limit // 2) :][:limit]
        elif "before" in query:
            page = [m for m in page if m.id < int(query["before"])][-limit:]
        else:
            page = page[-limit:]
        return page[::-1]

    def _apply(self, message: Message, body: Json, uploads: list[Upload], upload_limit: int) -> None:
        flags = int(body.get("flags") or 0)
        if flags & ~SAFE_FLAGS:
            raise DiscordError(50035, f"flags {flags} may not be set")
        kept_ephemeral = message.flags & (EPHEMERAL | LOADING | layout.IS_COMPONENTS_V2)
        new_flags = kept_ephemeral | (flags & ~EPHEMERAL) if "flags" in body else message.flags
        v2 = bool(new_flags & layout.IS_COMPONENTS_V2)
        content = body.get("content", message.content) or ""
        embeds = listed(body, "embeds") if "embeds" in body else message.embeds
        if len(content) > MAX_CONTENT:
            raise DiscordError(50035, f"content: must be {MAX_CONTENT} or fewer in length")
        if v2 and (content or embeds or any(body.get(name) for name in V2_FORBIDS)):
            raise DiscordError(50035, f"IS_COMPONENTS_V2 allows none of {V2_FORBIDS}")
        files = self._files(message, body, uploads, upload_limit)
        components = listed(body, "components") if "components" in body else message.components
        layout.check(components, v2=v2, file_names={file.name for file in files})
        message.flags, message.content, message.embeds = new_flags, content, embeds
        message.components, message.files = components, files
        for file in files:
            self.world.files[file.id] = file

    def _files(self, message: Message, body: Json, uploads: list[Upload], upload_limit: int) -> list[File]:
        """Return the files the message has after a request: those it keeps, then the new ones.

        A request without ``attachments`` keeps all; one with it drops what it does not list.
        """
        if too_big := [upload.name for upload in uploads if upload.size > upload_limit]:
            raise DiscordError(40005, f"{too_big} over {upload_limit} bytes")
        listed: list[Json] | None = body.get("attachments")
        ids = None if listed is None else {int(entry["id"]) for entry in listed}
        kept = [file for file in message.files if ids is None or file.id in ids]
        described = {int(entry["id"]): entry for entry in listed or ()}
        new = [self._keep(message, upload, described.get(upload.index, {})) for upload in uploads]
        if len(kept) + len(new) > MAX_FILES:
            raise DiscordError(50035, f"more than {MAX_FILES} attachments")
        return kept + new

    def _keep(self, message: Message, upload: Upload, entry: Json) -> File:
        name = UNSAFE_IN_NAMES.sub("_", entry.get("filename") or upload.name)
        return File(
            id=self.world.ids.next(),
            channel_id=message.channel.id,
            name=name,
            path=upload.path,
            size=upload.size,
            sha256=upload.sha256,
            content_type=upload.content_type_of(name),
            description=entry.get("description"),
            ephemeral=message.seen_by is not None,
        )

    def _reply(self, message: Message, body: Json) -> int | None:
        """Make the message a reply when the request asks so, and return whom it answers."""
        reference: Json | None = body.get("message_reference")
        if not reference:
            return None
        target = message.channel.messages.get(int(reference["message_id"]))
        if target is None or target.deleted:
            if reference.get("fail_if_not_exists", True):
                raise DiscordError(50035, "message_reference: Unknown message")
            return None
        message.kind, message.reply_to = REPLY, target.id
        return target.author.id
