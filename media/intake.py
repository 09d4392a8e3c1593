"""People's files on their way in; implements `jobs.ports.Intake`."""

from __future__ import annotations

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules
from jobs.request import InputFile, MediaSource


class TextOnly:
    """Takes no files: what is offered so far is made from text alone."""

    async def take(self, source: MediaSource, rules: InputRules) -> InputFile:
        """Refuses.

        Raises:
            BadInput: Always.
        """
        del rules
        raise BadInput(Reason.INPUT_WRONG_KIND, f"{source.role} is not taken")
