"""A small bot by which the fake Discord is proven: real discord.py, every kind of call our own bot makes, no logic.

Run by ``test_fake_discord.py`` as its own process; never part of the product.
"""

import asyncio
import hashlib
import io
import os
import re
import signal
from typing import Any, Self

import aiohttp
import discord
from discord import app_commands, ui
from discord.ext import commands

GREEN = 0x2ECC71


def payload(size: int) -> bytes:
    """Return bytes that look like nothing else, for a length."""
    return bytes(i * 7 % 251 for i in range(1024)) * (size // 1024) + b"x" * (size % 1024)


class Again(ui.DynamicItem[ui.Button[Any]], template=r"sample:again:(?P<job>\w+)"):
    """A button whose state is its id."""

    def __init__(self, job: str) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"sample:again:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"again {self.job}", ephemeral=True)


class Picker(ui.DynamicItem[ui.ChannelSelect[Any]], template=r"sample:pick"):
    """A menu of channels that works after a restart."""

    def __init__(self) -> None:
        kinds = [discord.ChannelType.text, discord.ChannelType.public_thread]
        super().__init__(ui.ChannelSelect(custom_id="sample:pick", channel_types=kinds))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        [picked] = self.item.values
        await interaction.response.edit_message(view=card(f"{picked.name} {picked.permissions.send_messages}"))


def card(text: str, *more: ui.Item[Any]) -> ui.LayoutView:
    """Return a status card."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container[Any](ui.TextDisplay(text), *more, accent_colour=GREEN))
    return view


class Form(ui.Modal, title="Form"):
    """A modal with a text field and an upload field."""

    prompt = ui.Label[Any](text="Prompt", component=ui.TextInput(custom_id="prompt"))
    picture = ui.Label[Any](text="Picture", component=ui.FileUpload(custom_id="picture", required=False, min_values=0))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        assert isinstance(self.prompt.component, ui.TextInput)
        assert isinstance(self.picture.component, ui.FileUpload)
        names = [one.filename for one in self.picture.component.values]
        await interaction.response.send_message(f"{self.prompt.component.value} {names}")


class Sample(app_commands.Group):
    """The commands."""

    @app_commands.command(description="Answer at once")
    async def now(self, interaction: discord.Interaction[Any], text: app_commands.Range[str, 1, 50]) -> None:
        await interaction.response.send_message(view=card(text, ui.ActionRow[Any](Again("j1"))))

    @now.autocomplete("text")
    async def _suggest(self, _: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed.upper(), value=typed.upper())]

    @app_commands.command(description="Defer, then answer")
    async def later(self, interaction: discord.Interaction[Any], private: bool = False) -> None:
        await interaction.response.defer(thinking=True, ephemeral=private)
        file = discord.File(io.BytesIO(payload(2000)), "later.mp4")
        view = card("later", ui.MediaGallery[Any](discord.MediaGalleryItem(file)))
        await interaction.edit_original_response(view=view, attachments=[file])

    @app_commands.command(description="Answer with a card, then post a file as a message of its own")
    async def post(self, interaction: discord.Interaction[Any], job: str, size: int) -> None:
        receipt = await interaction.response.send_message(view=card("working"))
        assert isinstance(interaction.channel_id, int)
        channel = interaction.client.get_partial_messageable(interaction.channel_id)
        file = discord.File(io.BytesIO(payload(size)), f"video.{job}.mp4")
        gallery = ui.MediaGallery[Any](discord.MediaGalleryItem(file))
        view = card(f"{interaction.user.mention} @everyone", gallery, ui.ActionRow[Any](Again(job)))
        allowed = discord.AllowedMentions(everyone=False, roles=False, users=[interaction.user])
        try:
            await channel.send(view=view, file=file, nonce=job, allowed_mentions=allowed)
            said = "done"
        except discord.HTTPException as error:
            said = f"refused {error.status} {error.code}"
        except (aiohttp.ClientError, OSError) as error:
            said = f"broken {type(error).__name__}"
        assert receipt.message_id is not None
        await channel.get_partial_message(receipt.message_id).edit(view=card(said))

    @app_commands.command(description="Look for own files in the channel")
    async def find(self, interaction: discord.Interaction[Any], after: str) -> None:
        assert isinstance(interaction.channel_id, int)
        channel = interaction.client.get_partial_messageable(interaction.channel_id)
        names: list[str] = []
        async for message in channel.history(after=discord.Object(int(after)), limit=None):
            for part in message.components:
                for child in part.children if isinstance(part, discord.Container) else []:
                    if isinstance(child, discord.MediaGalleryComponent):
                        names += [item.media.url.partition("?")[0].rsplit("/", 1)[1] for item in child.items]
            assert not message.attachments
        await interaction.response.send_message(" ".join(names))

    @app_commands.command(description="Read a picture")
    async def picture(self, interaction: discord.Interaction[Any], image: discord.Attachment) -> None:
        digest = hashlib.sha256(await image.read()).hexdigest()
        await interaction.response.send_message(f"{image.filename} {digest} {interaction.filesize_limit}")

    @app_commands.command(description="Open a form")
    async def form(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Form())

    @app_commands.command(description="Offer a menu")
    async def pick(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(view=card("pick", ui.ActionRow[Any](Picker())), ephemeral=True)

    @app_commands.command(description="Where is this")
    async def where(self, interaction: discord.Interaction[Any]) -> None:
        tier = interaction.guild.premium_tier if interaction.guild else None
        may = interaction.app_permissions.attach_files
        await interaction.response.send_message(
            f"{interaction.context.to_array()} tier {tier} {interaction.locale} {interaction.guild_locale} {may}"
            f" {'guest' if interaction.is_user_integration() and not interaction.is_guild_integration() else 'member'}"
        )


@app_commands.context_menu(name="Look at this")
async def look(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Answer with what a message carries."""
    carried = [*message.attachments, *(one for seen in message.message_snapshots for one in seen.attachments)]
    await interaction.response.send_message(f"{message.content} {[one.filename for one in carried]}")


class SampleBot(commands.AutoShardedBot):
    """The bot."""

    async def setup_hook(self) -> None:
        """Register commands and buttons."""
        self.add_dynamic_items(Again, Picker)
        self.tree.add_command(Sample(name="sample", description="Proves the fake"))
        self.tree.add_command(look)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Start shards without discord.py's pause of five seconds."""


async def main() -> None:
    """Run until SIGTERM."""
    bot = SampleBot(
        command_prefix=commands.when_mentioned,
        help_command=None,
        intents=discord.Intents(guilds=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        allowed_mentions=discord.AllowedMentions.none(),
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    discord.utils.setup_logging(root=True)
    async with bot:
        running = asyncio.create_task(bot.start(os.environ["DISCORD_TOKEN"]))
        await asyncio.wait({running, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        await bot.close()
        await running


if __name__ == "__main__":
    asyncio.run(main())
