"""What exists in the fake Discord: people, guilds, channels, messages, files. Plain state and the ways to add to it.

Knows no HTTP and no gateway; ``payloads`` turns it into Discord's JSON, ``messages`` applies Discord's rules to it.
"""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from pathlib import Path

from tests.wire.fake_discord import layout
from tests.wire.fake_discord.values import Json, Snowflakes

MIB = 1024 * 1024
BOOSTED_UPLOAD_LIMIT = {2: 50 * MIB, 3: 100 * MIB}  # Discord docs, Guild premium tier; discord.py Guild.filesize_limit


class ChannelKind(IntEnum):
    """Channel types (Discord docs, Channel Types)."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    ANNOUNCEMENT = 5
    PUBLIC_THREAD = 11
    FORUM = 15


GUILD_CONTEXT = 0
CONTEXTS = {ChannelKind.DM: 1, ChannelKind.GROUP_DM: 2}


class Permission(IntFlag):
    """The permissions that decide what a bot may do with messages (Discord docs, Permissions)."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CONNECT = 1 << 20
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


# What an invite with the least permissions grants, beside what everybody may do.
INVITED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CONNECT
)
MEMBER = INVITED | Permission.USE_APPLICATION_COMMANDS | Permission.USE_EXTERNAL_APPS


@dataclass
class User:
    """A person, or the bot itself.

    Attributes:
        permissions: What the person may do in guilds.
        upload_limit: Bytes a file of theirs may have (Nitro); 0 for the guild's own limit.
        carries_app: Whether they have installed the app for themselves, to use it anywhere.
    """

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    permissions: Permission = MEMBER
    upload_limit: int = 0
    carries_app: bool = False

    @property
    def mention(self) -> str:
        """The text that mentions this person."""
        return f"<@{self.id}>"


@dataclass
class Guild:
    """A server. ``installed`` is False where only a person carries the app there (user install)."""

    id: int
    name: str
    owner: User
    premium_tier: int = 0
    locale: str = "en-US"
    installed: bool = True


@dataclass
class File:
    """A file Discord keeps. The bytes lie on disk, so that large videos cost the tests no memory."""

    id: int
    channel_id: int
    name: str
    path: Path
    size: int
    sha256: str
    content_type: str
    description: str | None = None
    ephemeral: bool = False
    expired: bool = False

    def read(self) -> bytes:
        """Return the bytes that were uploaded."""
        return self.path.read_bytes()


@dataclass
class Message:
    """A message, with what a test wants to know of it.

    Attributes:
        files: What is attached, whether or not components show it.
        pinged: Ids of the people it notified.
        seen_by: The only person who sees it (ephemeral), else None.
        forwards: The message that it forwards.
        revisions: The bodies of the edits it went through, oldest first.
    """

    id: int
    channel: "Channel"
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    flags: int = 0
    kind: int = 0
    files: list[File] = field(default_factory=list[File])
    pinged: list[int] = field(default_factory=list[int])
    pinged_everyone: bool = False
    nonce: str | None = None
    reply_to: int | None = None
    forwards: "Message | None" = None
    seen_by: User | None = None
    interaction_metadata: Json | None = None
    edited_at: str | None = None
    revisions: list[Json] = field(default_factory=list[Json])
    deleted: bool = False

    @property
    def is_v2(self) -> bool:
        """Whether it is made of Components V2."""
        return bool(self.flags & layout.IS_COMPONENTS_V2)

    @property
    def text(self) -> str:
        """Everything a reader reads in it, buttons aside."""
        return "\n".join(part for part in (self.content, *layout.texts(self.components)) if part)

    @property
    def buttons(self) -> list[Json]:
        """Its buttons, in reading order."""
        return [part for part in layout.walk(self.components) if part["type"] == layout.BUTTON]

    @property
    def pressable(self) -> list[str]:
        """The custom ids of the buttons that do something, in reading order."""
        return [button["custom_id"] for button in self.buttons if "custom_id" in button]

    def leads_to(self, other: "Message") -> bool:
        """Whether a reader finds the way to another message in it: in its text, or behind a button."""
        address = f"/{other.channel.id}/{other.id}"
        return any(address in one for one in (self.text, *(button.get("url", "") for button in self.buttons)))


@dataclass
class Channel:
    """A channel, thread or direct message.

    Attributes:
        app_permissions: What the bot may do here; sent with interactions and enforced on its requests.
        refuses: An error code that posting here gets, whatever the permissions say; 0 for none.
        people: Who is in a group.
        denied: What single people may not do here, by their id.
        takes: Bytes that a file really may have here, whatever is announced; None where that is true.
    """

    id: int
    name: str
    kind: ChannelKind = ChannelKind.TEXT
    guild: Guild | None = None
    parent: "Channel | None" = None
    recipient: User | None = None
    app_permissions: Permission = INVITED
    refuses: int = 0
    people: list[User] = field(default_factory=list[User])
    denied: dict[int, Permission] = field(default_factory=dict[int, Permission])
    takes: int | None = None
    nsfw: bool = False
    messages: dict[int, Message] = field(default_factory=dict[int, Message])

    @property
    def context(self) -> int:
        """What interactions from here say of where they come from (Discord docs, Interaction Context Types)."""
        return CONTEXTS.get(self.kind, GUILD_CONTEXT)

    @property
    def has_bot(self) -> bool:
        """Whether the bot itself is here, not only somebody who carries the app."""
        return self.kind is ChannelKind.DM or (self.guild is not None and self.guild.installed)

    def permissions_of(self, user: User) -> Permission:
        """Return what a person may do here."""
        return user.permissions & ~self.denied.get(user.id, Permission(0))

    @property
    def timeline(self) -> list[Message]:
        """The messages everybody here sees, oldest first."""
        return [m for m in self.messages.values() if not m.deleted and m.seen_by is None]

    def seen_by(self, user: User) -> list[Message]:
        """Return the messages that a person sees here, those for nobody else included, oldest first."""
        return [m for m in self.messages.values() if not m.deleted and m.seen_by in (None, user)]

    @property
    def posted_files(self) -> list[File]:
        """Every file that stands in the channel now, oldest first."""
        return [file for message in self.timeline for file in message.files]


class World:
    """Everything that exists.

    Args:
        ids: Where ids come from.
        upload_limit: Bytes that a file may have in a guild without boosts.
    """

    def __init__(self, ids: Snowflakes, *, upload_limit: int = 10 * MIB) -> None:
        self.ids = ids
        self.upload_limit = upload_limit
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.files: dict[int, File] = {}
        self.owner = self.add_user("owner")
        self.bot = self.add_user("video-bot", bot=True)

    def add_user(
        self, name: str, *, bot: bool = False, locale: str = "en-US", permissions: Permission = MEMBER
    ) -> User:
        """Add a person who is a member of every guild."""
        user = User(self.ids.next(), name, bot=bot, locale=locale, permissions=permissions)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, premium_tier: int = 0, locale: str = "en-US", installed: bool = True) -> Guild:
        """Add a server; give ``installed=False`` for one where the bot is no member."""
        guild = Guild(
            self.ids.next(new_millisecond=True),
            name,
            self.owner,
            premium_tier=premium_tier,
            locale=locale,
            installed=installed,
        )
        self.guilds[guild.id] = guild
        return guild

    def add_channel(self, guild: Guild, name: str, kind: ChannelKind = ChannelKind.TEXT) -> Channel:
        """Add a channel to a server."""
        return self._place(Channel(self.ids.next(), name, kind, guild))

    def add_thread(self, parent: Channel, name: str) -> Channel:
        """Open a public thread under a channel."""
        return self._place(Channel(self.ids.next(), name, ChannelKind.PUBLIC_THREAD, parent.guild, parent))

    def add_group(self, name: str, *people: User) -> Channel:
        """Open a group of people; the bot can be in none."""
        return self._place(Channel(self.ids.next(), name, ChannelKind.GROUP_DM, people=list(people)))

    def dm(self, user: User) -> Channel:
        """Return the direct-message channel between the bot and a person, opening it when needed."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        return self._place(Channel(self.ids.next(), user.name, ChannelKind.DM, recipient=user))

    def _place(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def upload_limit_of(self, channel: Channel) -> int:
        """Return how many bytes a file of the bot's own may have in a channel."""
        return self.announced_limit_of(channel) if channel.takes is None else channel.takes

    def announced_limit_of(self, channel: Channel) -> int:
        """Return how many bytes Discord says it may have, by the server's boosts."""
        tier = channel.guild.premium_tier if channel.guild else 0
        return max(self.upload_limit, BOOSTED_UPLOAD_LIMIT.get(tier, 0))
