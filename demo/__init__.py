"""What lets a person try the bot without a token or a key; never imported by the bot's own parts."""
