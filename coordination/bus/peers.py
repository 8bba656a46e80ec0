"""Peers: who may call in, each by a token of its own.

A token is a secret: it is compared in constant time, and neither logged nor shown.
"""

import hmac
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crewboard.errors import TokenExposed, TokenUnusable

VARIABLE = "CREWBOARD_TOKEN"
LOCAL = "local"
_SHORTEST = 16
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True)
class Peers:
    """Names of peers and their tokens. A name comes back as the sender `peer:NAME`."""

    tokens: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        for name, token in self.tokens.items():
            if not _NAME.fullmatch(name):
                raise TokenUnusable(peer=repr(name), reason="a name has a-z, 0-9, '.', '_', '-'")
            if len(token) < _SHORTEST or not token.isascii() or not token.isprintable():
                raise TokenUnusable(peer=name, reason="it is too short, or no printable ASCII")
        if len(set(self.tokens.values())) != len(self.tokens):
            raise TokenUnusable(peer="several peers", reason="they share one")

    def who(self, token: bytes) -> str | None:
        """The peer that the token belongs to. Every token is compared, however early one fits."""
        fits = [n for n, known in self.tokens.items() if hmac.compare_digest(known.encode(), token)]
        return fits[0] if fits else None


def local_peer(state: Path, environment: Mapping[str, str] | None = None) -> Peers:
    """The peer `local`: its token from CREWBOARD_TOKEN, else from the file `token` in `state`, which is
    written when it is missing. TokenUnusable, TokenExposed."""
    known = os.environ if environment is None else environment
    return Peers({LOCAL: known.get(VARIABLE) or _kept(state / "token")})


def _kept(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return _written(path)
    except OSError as error:  # a link, or another user's
        raise TokenExposed(path=path, reason=error.strerror) from error
    with os.fdopen(handle) as file:
        if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
            raise TokenExposed(path=path, reason="others can read it")
        return file.read().strip()


def _written(path: Path) -> str:
    """A new token. It appears whole or not at all, and another process's that came first stays."""
    token = secrets.token_urlsafe(32)
    draft = path.with_name(f".token-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return _kept(path)
    finally:
        draft.unlink()
    return token
