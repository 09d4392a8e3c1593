"""The fake's state as Discord's JSON: users, guilds, channels, files, messages.

Pure functions; field lists follow Discord's OpenAPI document, against which the fake's own answers are checked.
"""

from tests.wire.fake_discord import layout
from tests.wire.fake_discord.values import Json, timestamp
from tests.wire.fake_discord.world import INVITED, Channel, ChannelKind, File, Guild, Message, User, World

EPHEMERAL = 1 << 6


def user(who: User) -> Json:
    """Return a user object."""
    return {
        "id": str(who.id),
        "username": who.name,
        "global_name": None if who.bot else who.name.title(),
        "discriminator": "0",
        "avatar": None,
        "bot": who.bot,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def current_user(who: User) -> Json:
    """Return the bot's view of itself."""
    return {**user(who), "locale": who.locale, "mfa_enabled": True, "verified": True, "email": None}


def application(world: World) -> Json:
    """Return the bot's application."""
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(world.owner),
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "bot": user(world.bot),
        "integration_types_config": {"0": {}, "1": {}},
    }


def member(who: User) -> Json:
    """Return a guild member as interactions carry it, permissions included."""
    return {
        "user": user(who),
        "roles": [],
        "nick": None,
        "avatar": None,
        "joined_at": timestamp(who.id),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
        "permissions": str(int(who.permissions)),
    }


def guild(world: World, where: Guild) -> Json:
    """Return a guild as GET /guilds answers it."""
    everyone: Json = {
        "id": str(where.id),
        "name": "@everyone",
        "description": None,
        "permissions": str(int(INVITED)),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    absent = ("icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id")
    channels = ("afk", "system", "widget", "rules", "safety_alerts", "public_updates")
    return {
        "id": str(where.id),
        "name": where.name,
        **dict.fromkeys(absent),
        **{f"{one}_channel_id": None for one in channels},
        "owner_id": str(where.owner.id),
        "features": [],
        "region": "us-east",
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "verification_level": 0,
        "roles": [everyone],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": where.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": where.locale,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
        "approximate_member_count": len(world.users),
        "approximate_presence_count": len(world.users),
    }


def guild_create(world: World, where: Guild) -> Json:
    """Return the payload of GUILD_CREATE: the guild with its channels, its threads and the bot as a member."""
    inside = [one for one in world.channels.values() if one.guild is where]
    return {
        **guild(world, where),
        "unavailable": False,
        "large": False,
        "joined_at": timestamp(where.id),
        "member_count": len(world.users),
        "members": [member(world.bot)],
        "channels": [channel(world, one) for one in inside if one.parent is None],
        "threads": [channel(world, one) for one in inside if one.parent is not None],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def channel(world: World, where: Channel) -> Json:
    """Return a channel, thread or direct message."""
    last = str(max(where.messages, default=0)) if where.messages else None
    common: Json = {"id": str(where.id), "type": int(where.kind), "flags": 0, "last_message_id": last}
    if where.kind is ChannelKind.DM:
        return {**common, "recipients": [user(where.recipient)] if where.recipient else []}
    if where.kind is ChannelKind.GROUP_DM:
        people = [user(one) for one in where.people]
        return {**common, "name": where.name, "icon": None, "owner_id": people[0]["id"], "recipients": people}
    owner = where.guild
    common |= {"guild_id": str(owner.id) if owner else None, "name": where.name, "rate_limit_per_user": 0}
    if where.parent is not None:
        return {
            **common,
            "parent_id": str(where.parent.id),
            "owner_id": str(world.owner.id),
            "thread_metadata": {
                "archived": False,
                "archive_timestamp": timestamp(where.id),
                "auto_archive_duration": 1440,
                "locked": False,
                "create_timestamp": timestamp(where.id),
            },
            "message_count": len(where.messages),
            "member_count": 1,
            "total_message_sent": len(where.messages),
            "member": {"id": str(where.id), "user_id": str(world.bot.id), "join_timestamp": timestamp(where.id), "flags": 0},
        }  # fmt: skip
    voice: Json = {"bitrate": 64_000, "user_limit": 0, "rtc_region": None} if where.kind is ChannelKind.VOICE else {}
    return {
        **common,
        **voice,
        "parent_id": None,
        "position": 0,
        "topic": None,
        "nsfw": where.nsfw,
        "permission_overwrites": [_overwrite(world, where)],
    }


def _overwrite(world: World, where: Channel) -> Json:
    return {
        "id": str(world.bot.id),
        "type": 1,
        "allow": str(int(where.app_permissions & ~INVITED)),
        "deny": str(int(INVITED & ~where.app_permissions)),
    }


def file_url(cdn: str, file: File) -> str:
    """Return where a file can be fetched, with the marks of a signed link."""
    folder = "ephemeral-attachments" if file.ephemeral else "attachments"
    return f"{cdn}/{folder}/{file.channel_id}/{file.id}/{file.name}?ex=0&is=0&hm=0"


def attachment(cdn: str, file: File) -> Json:
    """Return an attachment object."""
    url = file_url(cdn, file)
    answer: Json = {
        "id": str(file.id),
        "filename": file.name,
        "size": file.size,
        "url": url,
        "proxy_url": url,
        "content_type": file.content_type,
    }
    if file.description is not None:
        answer["description"] = file.description
    if file.ephemeral:
        answer["ephemeral"] = True
    return answer


def media(cdn: str, file: File) -> Json:
    """Return the media object by which a component shows a file."""
    url = file_url(cdn, file)
    return {
        "url": url,
        "proxy_url": url,
        "width": None,
        "height": None,
        "content_type": file.content_type,
        "attachment_id": str(file.id),
    }


def picked_channel(world: World, where: Channel, by: User) -> Json:
    """Return a channel that a person has picked: with what they may do there, and of a channel little more."""
    whole = channel(world, where)
    kept = whole.keys() - {"member"} if where.parent else {"id", "name", "type"}
    return {name: whole[name] for name in kept} | {"permissions": str(int(where.permissions_of(by)))}


def message(world: World, cdn: str, what: Message) -> Json:
    """Return a message. The files of a Components V2 message stand in its components only."""
    answer: Json = {
        "id": str(what.id),
        "channel_id": str(what.channel.id),
        "type": what.kind,
        "author": user(what.author),
        "content": what.content,
        "embeds": what.embeds,
        "attachments": [] if what.is_v2 else [attachment(cdn, file) for file in what.files],
        "components": components(world, cdn, what),
        "flags": what.flags,
        "mentions": [user(world.users[one]) for one in what.pinged if one in world.users],
        "mention_roles": [],
        "mention_everyone": what.pinged_everyone,
        "pinned": False,
        "tts": False,
        "timestamp": timestamp(what.id),
        "edited_timestamp": what.edited_at,
        "application_id": str(world.bot.id),
    }
    if what.nonce is not None:
        answer["nonce"] = what.nonce
    if what.interaction_metadata is not None:
        answer["interaction_metadata"] = what.interaction_metadata
    if what.reply_to is not None:
        answer["message_reference"] = _reference(what.channel.id, what.reply_to, kind=0)
    if what.forwards is not None:
        answer["message_reference"] = _reference(what.forwards.channel.id, what.forwards.id, kind=1)
        answer["message_snapshots"] = [{"message": _snapshot(message(world, cdn, what.forwards))}]
    return answer


def _reference(channel_id: int, message_id: int, *, kind: int) -> Json:
    return {"type": kind, "channel_id": str(channel_id), "message_id": str(message_id)}


def _snapshot(whole: Json) -> Json:
    """Return what a forward shows of a message: neither who wrote it nor where."""
    kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "components")
    return {name: whole[name] for name in kept} | {"mentions": [], "mention_roles": []}


def components(world: World, cdn: str, what: Message) -> list[Json]:
    """Return a message's components with their media resolved to links that hold now."""
    by_name = {file.name: media(cdn, file) for file in what.files}
    sizes = {file.name: file.size for file in what.files}
    return layout.fill_in(what.components, by_name, sizes, world.ids.next)
