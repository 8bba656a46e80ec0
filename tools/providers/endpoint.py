"""Where a provider is reached, with which key, and what may be said aloud about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

from crewboard.errors import ConfigInvalid, ExtraMissing, KeyMissing, KeyRejected
from crewboard.redact import MASK, redact
from crewboard.tools.providers.settings import ModelSettings

_LONGEST_REASON = 300
_NO_KEY = "no-key"  # servers that need no key ignore it; the SDKs insist on one
_SHORTEST_SECRET = 12  # shorter "keys" (ollama, test) are words that an answer may well hold
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Service:
    """A provider's own service: the defaults that settings may override."""

    provider: str
    base_url: str
    key_variable: str


ANTHROPIC = Service("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY")
OPENAI = Service("openai", "https://api.openai.com/v1", "OPENAI_API_KEY")


@dataclass(frozen=True)
class Endpoint:
    """One address and one key. The key shows in no repr, log or error."""

    provider: str
    base_url: str
    variable: str
    key: SecretStr
    settings: ModelSettings

    def speakable(self, text: object) -> str:
        """`text` of the other side, fit for an error: no secrets, no control characters, short."""
        masked = redact(self.masked(str(text).encode("utf-8", "replace")).decode())
        return _UNSPEAKABLE.sub(" ", masked)[:_LONGEST_REASON].strip()

    def masked(self, content: bytes) -> bytes:
        """`content` of the other side without the key, should it echo it."""
        key = self.key.get_secret_value().encode()
        return content if len(key) < _SHORTEST_SECRET else content.replace(key, MASK.encode())


def open_endpoint(
    service: Service, settings: ModelSettings, environ: Mapping[str, str]
) -> Endpoint:
    """The endpoint that `settings` and `environ` describe.

    KeyMissing without a key, KeyRejected when it cannot travel in a header, ConfigInvalid when the
    address would carry it in clear.
    """
    base_url = settings.base_url or service.base_url
    named = settings.key_variable
    variable = service.key_variable if named is None else named
    key = environ.get(variable, "").strip() if variable else _NO_KEY
    if not key:
        raise KeyMissing(provider=service.provider, variable=variable)
    if not key.isascii() or not key.isprintable():
        raise KeyRejected(provider=service.provider, status="not sent", variable=variable)
    _check_address(base_url, keyless=not variable)
    return Endpoint(service.provider, base_url, variable, SecretStr(key), settings)


def require_package(package: str, extra: str, what: str) -> None:
    """ExtraMissing unless `package` can be imported; it is not imported yet."""
    if find_spec(package) is None:
        raise ExtraMissing(what=what, package=package, extra=extra)


def _check_address(base_url: str, *, keyless: bool) -> None:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _invalid("it is not an http or https address")
    if parts.username or parts.password:
        raise _invalid("it holds a password; keys come by environment variable only")
    if parts.scheme == "http" and not keyless and not _is_loopback(parts.hostname):
        raise _invalid('http would send the key in clear. Use https, or key_variable = ""')


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _invalid(reason: str) -> ConfigInvalid:
    return ConfigInvalid(path="crewboard.toml", where="models.base_url", reason=reason)
