"""Discord's face: thin; turns a command or a button into one call of the job service, and its outcome into a card."""
