"""Tokens: made once, kept close, compared whole."""

import threading
from pathlib import Path

import pytest

from crewboard.coordination.bus.peers import Peers, local_peer
from crewboard.errors import TokenExposed, TokenUnusable

TOKEN = "0123456789abcdef"


def test_the_first_start_writes_a_token_for_the_owner_alone(tmp_path: Path) -> None:
    peers = local_peer(tmp_path, {})
    written = (tmp_path / "token").read_text().strip()
    assert peers.who(written.encode()) == "local"
    assert len(written) >= 32
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert local_peer(tmp_path, {}).who(written.encode()) == "local"
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_starts_that_race_agree_on_one_token(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(local_peer(tmp_path, {}).tokens["local"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {(tmp_path / "token").read_text().strip()}
    assert len(found) == 8


def test_the_environments_token_goes_first(tmp_path: Path) -> None:
    assert local_peer(tmp_path, {"CREWBOARD_TOKEN": TOKEN}).who(TOKEN.encode()) == "local"
    assert not (tmp_path / "token").exists()


def test_a_token_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    local_peer(tmp_path, {})
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(TokenExposed):
        local_peer(tmp_path, {})


def test_a_link_in_the_tokens_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(TOKEN)
    (tmp_path / "token").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TokenExposed, match="symbolic link"):
        local_peer(tmp_path, {})


@pytest.mark.parametrize(
    "tokens",
    [
        {"ada": "short"},
        {"ada": ""},
        {"ada": "ünprintable-0123456789"},
        {"peer:ada": TOKEN},  # a name that could pass for a sender
        {"": TOKEN},
        {"ada": TOKEN, "bob": TOKEN},
    ],
)
def test_a_token_that_proves_nothing_is_refused(tokens: dict[str, str]) -> None:
    with pytest.raises(TokenUnusable):
        Peers(tokens)


def test_only_the_whole_token_fits_and_it_is_never_shown() -> None:
    peers = Peers({"ada": TOKEN})
    assert [peers.who(each) for each in (b"", TOKEN[:-1].encode(), b"\xff" * 16)] == [None] * 3
    assert peers.who(TOKEN.encode()) == "ada"
    assert TOKEN not in repr(peers)
