"""A fake Discord on real loopback sockets: REST, gateway, CDN. An unmodified bot process cannot tell the difference.

Not named ``discord``: that would shadow the library for everything started from this folder.
"""

from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.commands import CannotType, LocalFile
from tests.wire.fake_discord.contract import Contract
from tests.wire.fake_discord.faults import Hold, Moment
from tests.wire.fake_discord.interactions import Interaction
from tests.wire.fake_discord.journal import Recorded
from tests.wire.fake_discord.server import FakeDiscord
from tests.wire.fake_discord.world import MIB, Channel, ChannelKind, File, Guild, Message, Permission, User

__all__ = [
    "MIB",
    "Call",
    "CannotType",
    "Channel",
    "ChannelKind",
    "Contract",
    "FakeDiscord",
    "File",
    "Guild",
    "Hold",
    "Interaction",
    "LocalFile",
    "Message",
    "Moment",
    "Permission",
    "Recorded",
    "User",
]
