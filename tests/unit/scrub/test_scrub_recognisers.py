"""What the recognisers must find so that nothing of it is left."""

import pytest

from crewboard.tools.pii import Screen, pii_in

KEY = "MIIEowIBAAKCAQEA7Vd3kq0sVQ2n9yGZ\nq0sVQ2n9yGZ7Vd3kMIIEowIBAAKCAQEA=="
HITS = [
    (r'"\nann@quay-post.net"', ["ann@quay-post.net"]),  # an escape is no part of it
    (r'"\n@app.get"', []),
    (r'"\ngit@github.com:a/b"', []),
    ("call +1(212) 736-5000 now", ["+1(212) 736-5000"]),
    ("call +1212-736-5000 now", ["+1212-736-5000"]),
    ("call +1 212-736-5000 now", ["+1 212-736-5000"]),  # once
    ("sum +1 100-200-3000 now", []),  # no area code begins with 1
    (
        f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----\nthen",
        [f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----"],
    ),
    (f"-----BEGIN PRIVATE KEY-----\n{KEY}", [f"-----BEGIN PRIVATE KEY-----\n{KEY}"]),  # cut off
    ("-----BEGIN PRIVATE KEY----- is how it begins", ["-----BEGIN PRIVATE KEY-----"]),
]


@pytest.mark.parametrize(("text", "hits"), HITS)
def test_a_hit_is_all_that_would_have_to_go(text: str, hits: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in pii_in(text)] == hits


def test_the_screen_sees_through_json_in_a_string_of_json() -> None:
    raw = rb'{"arguments":"{\"n\":\"212\\u00a0736\\u20115000\"}"}'
    assert "phone" in Screen().suspects(raw, b"")
