"""F29: a secret that reached a title or a cause does not reach the board."""

from dataclasses import replace

from unit.board.boards import GENERATE, VIEW

from crewboard.coordination.board import redacted, render_into

SECRET = "sk-ant-api03-" + "A1b2C3d4" * 8


def test_a_secret_in_any_text_of_a_view_is_masked() -> None:
    assert GENERATE.blocker is not None
    blocker = replace(GENERATE.blocker, cause=f"refused {SECRET}")
    view = replace(VIEW, cards=(replace(GENERATE, title=f"use {SECRET}", blocker=blocker),))
    board = render_into(b"", redacted(view)).decode()
    assert SECRET in render_into(b"", view).decode()
    assert SECRET not in board
    assert "t7k2m" in board
