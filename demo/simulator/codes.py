"""The service's error codes with their texts, and the one exception that carries them to the wire.

How each API puts a code into words on the wire, `dialects` knows.
"""

from collections.abc import Mapping
from types import MappingProxyType

OK = 0
UNKNOWN = 1000
RATE_LIMIT = 1002
NOT_AUTHORIZED = 1004
NO_BALANCE = 1008
INPUT_SENSITIVE = 1026
OUTPUT_SENSITIVE = 1027
TOO_MANY_AT_ONCE = 1041
INVISIBLE_CHARACTERS = 1042
INVALID = 2013
INVALID_KEY = 2049

#: MiniMax docs, Error codes; texts in brackets of the contract sheet where the page has none.
TEXTS: Mapping[int, str] = MappingProxyType(
    {
        OK: "success",
        UNKNOWN: "unknown error",
        1001: "request timeout",
        RATE_LIMIT: "rate limit exceeded(RPM)",
        NOT_AUTHORIZED: "login fail: Please carry the API secret key in the 'Authorization' field of the request header",
        NO_BALANCE: "insufficient balance",
        1013: "internal service error",
        1024: "internal error",
        INPUT_SENSITIVE: "input new_sensitive",
        OUTPUT_SENSITIVE: "output new_sensitive",
        1028: "daily quota exhausted",
        1030: "plan quota exhausted",
        1033: "system error, mysql failed",
        1039: "token limit exceeded(TPM)",
        TOO_MANY_AT_ONCE: "conn limit",
        INVISIBLE_CHARACTERS: "invisible character ratio limit",
        INVALID: "invalid params",
        2038: "real-name verification required",
        2045: "rate growth limit",
        INVALID_KEY: "invalid api key",
        2056: "usage limit exceeded",
        2061: "your current token plan not support model",
    }
)


class ServiceError(Exception):
    """The service refuses, with a code of its own."""

    def __init__(self, code: int, text: str | None = None, *, v1_status: int = 200) -> None:
        """Keep the code and what the answer says.

        Args:
            code: The number the service answers with.
            text: Its message; left out, the documented one for that code.
            v1_status: The HTTP status with which V1 answers it.
        """
        self.v1_status = v1_status
        self.code = code
        self.text = TEXTS.get(code, f"error {code}") if text is None else text
        super().__init__(f"{self.code} {self.text}")

    @classmethod
    def invalid(cls, why: str) -> "ServiceError":
        """A request that breaks a rule: code 2013 with the reason behind the fixed words."""
        return cls(INVALID, f"invalid params, {why}")
