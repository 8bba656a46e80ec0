"""Keys of services, by the shapes that their issuers document. A key of another shape is not found."""

import re
from collections.abc import Iterator

from crewboard.tools.pii.kinds import Found, Kind

_KEYS = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"sk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,200}"  # OpenAI, Anthropic, OpenRouter
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"  # AWS
    r"|AIza[A-Za-z0-9_-]{35}"  # Google
    r"|xox[abprs]-[A-Za-z0-9-]{10,250}"  # Slack
    r"|hf_[A-Za-z0-9]{30,60}"  # Hugging Face
    r"|(?:sk|rk)_live_[A-Za-z0-9]{20,250}"  # Stripe
    r"|glpat-[A-Za-z0-9_-]{20,60}"  # GitLab
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}"  # a JSON web token
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"  # and all of it, or as much as was not cut off
    r"(?:(?:(?!-----)[\s\S]){0,20000}-----END (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|(?:\s+[A-Za-z0-9+/=]{16,128}(?![A-Za-z0-9+/=]))*)"
    r")"
)
_FEW = 5
"""A key of fewer different signs (`sk-xxxx...`) was written by hand."""


def api_keys_in(text: str) -> Iterator[Found]:
    for found in _KEYS.finditer(text):
        key = found[0]
        tail = key[-20:]
        made_up = len(set(tail)) < _FEW or "EXAMPLE" in key.upper() or "YOUR" in key.upper()
        private = key.startswith("-----")
        kind = Kind.API_KEY_PLACEHOLDER if made_up and not private else Kind.API_KEY
        yield Found(kind, *found.span())
