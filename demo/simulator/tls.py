"""A certificate for the simulator's hosts, made anew at each start and signed by an authority that exists only for it."""

import ssl
from dataclasses import dataclass, field

HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Identity:
    """What a server needs to speak TLS, and a client to believe it.

    Attributes:
        context: For the server.
        authority: The certificate that a client must trust, as PEM.
    """

    context: ssl.SSLContext = field(repr=False)
    authority: bytes


def make_identity() -> Identity:
    """A fresh certificate for loopback. Takes a few milliseconds."""
    import trustme  # noqa: PLC0415 -- brings a whole cryptography library, and plain HTTP needs none

    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*HOSTS).configure_cert(context)  # pyright: ignore[reportUnknownMemberType] -- its annotation names what need not be installed
    return Identity(context, authority.cert_pem.bytes())
