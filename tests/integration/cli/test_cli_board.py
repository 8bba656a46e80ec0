"""`crewboard board` and its verbs: in a real workspace, by the real command line."""
# ruff: noqa: RUF001 - text that was misread is what is tested

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from unit.board.boards import FOUNDING
from unit.views.scenes import UNPAID, Scene

from crewboard.canonical import sha256_file
from crewboard.cli import run
from crewboard.coordination.board.store import BoardStore
from crewboard.coordination.tasks import State
from crewboard.coordination.workspace import Workspace

BOARD = """# KANBAN.md — Demo\r
\r
## ✅ Done\r
- [x] Mixed the rows (`data/mix.jsonl`)\r
\r
## 🔨 In Progress\r
- [ ] Train on the mix ^t41x9\r
  - of mine \t\r
\r
## 📋 Backlog\r
- [ ] Evaluate the checkpoints\r
- [ ] Evaluate the baseline\r
\r
## Ideas\r
text of nobody"""
HUMAN_FIRST = "the words of main"
Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command line in this process, which spares an interpreter a verb."""

    def call(
        *line: str, at: Path, env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        with monkeypatch.context() as here:
            here.chdir(at)
            for name, value in (env or {}).items():
                here.setenv(name, value)
            code = run(line)
        told = capsys.readouterr()
        return subprocess.CompletedProcess(line, code, told.out, told.err)

    return call


@pytest.fixture
def here(shell: Shell, tmp_path: Path) -> Path:
    place = tmp_path / "w"
    Workspace.init(place, "ada")
    (place / "KANBAN.md").write_bytes(BOARD.encode())
    (place / "data" / "mix.jsonl").write_text("{}\n")
    return place


def told(shell: Shell, *verb: str, at: Path, **more: Any) -> Any:
    done = shell("board", *verb, "--json", at=at, **more)
    assert done.returncode in {0, 4}, done.stderr
    assert done.stdout.isascii()
    return json.loads(done.stdout)


def lines(place: Path) -> list[str]:
    return (place / "KANBAN.md").read_bytes().decode().split("\r\n")


def test_the_board_alone_is_shown_as_it_lies(shell: Shell, here: Path) -> None:
    shell("board", at=here)  # the first look may tell the crew what people did
    shown = shell("board", at=here)
    assert shown.stdout.splitlines() == (here / "KANBAN.md").read_text().splitlines()
    assert (
        shell("board", "--json", at=here).stdout
        == shell("board", at=here, env={"CREWBOARD_JSON": "1"}).stdout
    )
    assert set(told(shell, at=here)) == {"path", "sha256", "markdown"}


def test_show_counts_each_lane_against_its_limit(shell: Shell, here: Path) -> None:
    with (here / "crewboard.toml").open("a") as file:
        file.write('\n[board]\nwip = {Backlog = 1, "In Progress" = 3}\n')
    shown = shell("board", "show", at=here).stdout
    assert "Backlog (2 of 1, over its limit)" in shown
    assert "In Progress (1 of 3)" in shown
    assert "Ideas (0)" in shown
    (lane,) = told(shell, "show", "--lane", "todo", at=here)["lanes"]
    assert [card["title"] for card in lane["cards"]] == [
        "Evaluate the checkpoints", "Evaluate the baseline",
    ]  # fmt: skip
    assert {"id", "title", "lane", "group", "column", "box", "struck", "line", "text"} == set(
        lane["cards"][0]
    )
    assert "B304" in {each["rule"] for each in told(shell, "lint", at=here)["findings"]}


def test_looking_changes_nothing(shell: Shell, here: Path) -> None:
    before = (here / "KANBAN.md").stat()
    for verb in (["show"], ["find", "mix"], ["lint"], ["stats"], ["log"]):
        assert shell("board", *verb, at=here).returncode == 0
    after = (here / "KANBAN.md").stat()
    assert (after.st_mtime_ns, after.st_ino, lines(here)) == (
        before.st_mtime_ns, before.st_ino, BOARD.split("\r\n"),
    )  # fmt: skip


def test_find_takes_all_words_wherever_they_stand(shell: Shell, here: Path) -> None:
    (card,) = told(shell, "find", "MINE", "train", at=here)["cards"]
    assert (card["id"], card["line"], card["column"]) == ("t41x9", 7, "in_progress")
    assert told(shell, "find", "t41x9", at=here)["cards"] == [card]
    assert shell("board", "find", "nothing", "such", at=here).stdout == "No card speaks of that.\n"


def test_add_move_and_note_touch_their_own_lines_only(shell: Shell, here: Path) -> None:
    for verb in (
        ["add", "Write the report", "--owner", "ada"],
        ["move", "^t41x9", "blocked"],
        ["note", "checkpoints", "see `docs/x.md`"],
    ):
        done = shell("board", *verb, at=here)
        assert done.returncode == 0, done.stderr
    now, before = lines(here), BOARD.split("\r\n")
    new = [line for line in now if line not in before and "_Last synced" not in line and line]
    assert new == ["  - see `docs/x.md`", "- [ ] Write the report — @ada", "## 🚫 Blocked"]
    assert [line for line in before if line not in now] == []
    at = now.index("- [ ] Train on the mix ^t41x9")
    assert now[at - 1 : at + 2] == ["## 🚫 Blocked", before[6], before[7]], (
        "with what is beneath it"
    )


NAMES = [
    ("^t41x9", 0, ""),
    ("t41x9", 0, ""),
    ("TRAIN on", 0, ""),
    ("evaluate", 2, "Evaluate the checkpoints; Evaluate the baseline"),  # both are named
    ("Evaluate the baseline", 0, ""),
    ("nothing such", 2, "There is no card named 'nothing such'"),
    ("", 2, "holds no words"),
    ("^", 2, "holds no words"),
]


@pytest.mark.parametrize(("name", "code", "said"), NAMES)
def test_a_card_is_named_by_its_id_or_by_words_of_its_own(
    shell: Shell, name: str, code: int, said: str, here: Path
) -> None:
    done = shell("board", "move", name, "Done", at=here)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert ((here / "KANBAN.md").read_bytes() == BOARD.encode()) is bool(code)


REFUSED = [
    (["add", "  "], "holds no words"),
    (["add", "x", "--lane", "nowhere"], "There is no lane named 'nowhere'. There are: Done,"),
    (["move", "t41x9"], "Missing argument"),
    (["stats", "--since", "soon"], "--since 'soon' is not valid"),
    (["archive", "--older-than", "x"], "--older-than 'x' is not valid"),
    (["undo", "99"], "There is no version of the board named 99"),
    (["lint", "none.md"], "The input none.md does not exist"),
    (["import", "none.md"], "does not exist"),
    (["import", "."], "cannot be read"),
    (["import", "crewboard.toml"], "has text of its own"),
    (["what"], "The board has no verb 'what'"),
    (["burn"], "Missing option '--out'"),
]


@pytest.mark.parametrize(("verb", "said"), REFUSED, ids=lambda case: " ".join(case)[:30])
def test_wrong_use_is_one_sentence_and_changes_nothing(
    shell: Shell, verb: list[str], said: str, here: Path
) -> None:
    done = shell("board", *verb, at=here)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert (here / "KANBAN.md").read_bytes() == BOARD.encode()


@pytest.mark.parametrize("verb", [[], ["show"], ["find", "x"], ["add", "x"]])
def test_a_folder_in_the_boards_place_is_told_in_one_sentence(
    shell: Shell, verb: list[str], here: Path
) -> None:
    (here / "KANBAN.md").unlink()
    (here / "KANBAN.md").mkdir()
    done = shell("board", *verb, at=here)
    assert done.returncode == 2
    assert "is not a file" in done.stderr
    assert "itself broke" not in done.stderr


def test_an_agents_job_cannot_change_the_board_by_the_command_line(
    shell: Shell, here: Path
) -> None:
    """F18: what only people and the crew do."""
    for verb in (["add", "x"], ["move", "t41x9", "done"], ["undo"], ["archive"], ["lint", "--fix"]):
        done = shell("board", *verb, at=here, env={"CREWBOARD_AGENT": "1"})
        assert (done.returncode, done.stdout) != (0, ""), verb
        assert (here / "KANBAN.md").read_bytes() == BOARD.encode(), verb
    assert (
        "may not change the board"
        in shell("board", "add", "x", at=here, env={"CREWBOARD_AGENT": "1"}).stderr
    )


def test_every_option_has_its_twin_in_the_environment(shell: Shell, here: Path) -> None:
    twins = {"CREWBOARD_BOARD_ADD_LANE": "Ideas", "CREWBOARD_BOARD_ADD_OWNER": "ada"}
    shell("board", "add", "By twin", at=here, env=twins)
    assert "By twin — @ada" in lines(here)[-1]
    shown = shell("board", "show", at=here, env={"CREWBOARD_BOARD_SHOW_LANE": "ideas"}).stdout
    assert shown.splitlines()[0] == "Ideas (1)"
    code = shell("board", "lint", at=here, env={"CREWBOARD_BOARD_LINT_RULES": "1"})
    assert code.stdout.startswith("B101")
    drawn = shell("board", "burn", at=here, env={"CREWBOARD_BOARD_BURN_OUT": "x.svg"})
    assert drawn.returncode == 0


def test_the_workspace_and_json_are_taken_before_the_verb_too(
    shell: Shell, here: Path, tmp_path: Path
) -> None:
    after = shell("board", "show", "-C", str(here), "--json", at=tmp_path)
    before = shell("board", "-C", str(here), "--json", "show", at=tmp_path)
    assert after.stdout == before.stdout
    assert json.loads(after.stdout)["lanes"]


def test_what_was_done_is_logged_and_can_be_undone_and_redone(shell: Shell, here: Path) -> None:
    shell("board", "add", "First", at=here)
    shell("board", "move", "t41x9", "done", at=here)
    versions = told(shell, "log", at=here)["versions"]
    assert [v["number"] for v in versions] == list(range(1, len(versions) + 1))
    ours = [v for v in versions if v["by"].startswith("human:")]
    assert [v["changes"][0]["did"] for v in ours[1:]] == ["card.added", "card.moved"]
    assert shell("board", "undo", str(ours[1]["number"]), at=here).returncode == 0
    assert "First" not in "".join(lines(here))
    assert lines(here).index("- [x] Train on the mix ^t41x9") < lines(here).index(
        "## 🔨 In Progress"
    ), "what came after stays"
    shell("board", "undo", at=here)
    assert "First" in "".join(lines(here)), "an undo is undone"
    assert len(told(shell, "log", "--limit", "2", at=here)["versions"]) == 2


def test_lint_ends_with_4_on_errors_and_with_0_on_warnings(shell: Shell, here: Path) -> None:
    assert shell("board", "lint", at=here).returncode == 0
    (here / "KANBAN.md").write_text("# B\n\n## Notes\n- until October 32\n")
    done = shell("board", "lint", at=here)
    assert done.returncode == 4
    assert "KANBAN.md:4: error B401 there is no day October 32" in done.stdout
    assert set(told(shell, "lint", at=here)) == {
        "path", "sha256", "errors", "warnings", "findings", "fixed",
    }  # fmt: skip
    assert set(told(shell, "lint", at=here)["findings"][0]) == {
        "rule", "severity", "line", "card", "says", "remedy",
    }  # fmt: skip
    assert "4  `lint` found errors" in shell("board", "--help", at=here).stdout


def test_fix_mends_what_loses_nothing_and_can_be_undone(shell: Shell, here: Path) -> None:
    twice = BOARD.replace("- [ ] Evaluate the baseline\r\n", "- [ ] Evaluate the baseline\r\n" * 2)
    (here / "KANBAN.md").write_bytes(twice.encode())
    assert "B104" in {each["rule"] for each in told(shell, "lint", at=here)["findings"]}
    assert (here / "KANBAN.md").read_bytes() == twice.encode(), "never by itself"
    assert told(shell, "lint", "--fix", at=here)["fixed"]
    assert (here / "KANBAN.md").read_bytes() == BOARD.encode()
    shell("board", "undo", at=here)
    assert (here / "KANBAN.md").read_bytes() == twice.encode()


def test_fix_encoding_is_asked_for_by_name(shell: Shell, here: Path) -> None:
    wrong = BOARD.encode().decode("mac_roman").encode()
    (here / "KANBAN.md").write_bytes(wrong)
    shell("board", "lint", "--fix", at=here)
    assert (here / "KANBAN.md").read_bytes() == wrong, "--fix is not enough"
    assert "Mac Roman" in shell("board", "lint", "--fix-encoding", at=here).stdout
    assert (here / "KANBAN.md").read_bytes() == BOARD.encode()


def test_lint_takes_any_file_without_a_workspace(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "status.md"
    file.write_bytes("## ‚úÖ Done\n- by October 32\n".encode())
    done = shell("board", "lint", "status.md", "--fix-encoding", at=tmp_path)
    assert done.returncode == 4
    assert file.read_text() == "## ✅ Done\n- by October 32\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["status.md"], "and leaves nothing behind"


@pytest.mark.parametrize("name", ["board", "week2-status", "research-todo", "board.mojibake"])
def test_a_founding_board_is_taken_over_byte_for_byte(
    shell: Shell, name: str, tmp_path: Path
) -> None:
    if not FOUNDING.exists():
        pytest.skip("the founding boards are not beside this checkout")
    place, file = tmp_path / "w", FOUNDING / f"{name}.md"
    shell("init", str(place), at=tmp_path)
    done = shell("board", "import", str(file), at=place)
    assert done.returncode == 0, done.stderr
    assert "cards in" in done.stdout
    for verb in (["board", "lint"], ["board", "log"], ["board", "stats"], ["doctor"], ["events"]):
        shell(*verb, at=place)
    assert (place / "KANBAN.md").read_bytes() == file.read_bytes()
    (event,) = json.loads(shell("events", "--json", at=place).stdout)["events"]
    assert event["kind"] == "board.imported"
    assert event["data"]["sha256"] == sha256_file(file)
    again = shell("board", "import", str(FOUNDING / "README.md"), at=place)
    assert again.returncode == 2, "a board that has text of its own is never overwritten"
    assert (place / "KANBAN.md").read_bytes() == file.read_bytes()


def test_an_imported_board_keeps_its_bytes_while_somebody_only_looks(
    shell: Shell, tmp_path: Path
) -> None:
    place, file = tmp_path / "w", tmp_path / "TODO.md"
    shell("init", str(place), at=tmp_path)
    file.write_bytes(BOARD.encode())
    shell("board", "import", "../TODO.md", at=place)
    for verb in (["board"], ["status"], ["tasks"], ["decisions"]):
        assert shell(*verb, at=place).returncode == 0
        assert (place / "KANBAN.md").read_bytes() == BOARD.encode(), verb


HELD = [("a secret (line 1)", "- key sk-" + "a1" * 20), ("an unresolved merge conflict (line 1)",
        "<<<<<<< a\n- one\n=======\n- two\n>>>>>>> b")]  # fmt: skip


@pytest.mark.parametrize(("what", "text"), HELD)
def test_a_file_with_a_secret_or_a_conflict_is_taken_as_is_only(
    shell: Shell, what: str, text: str, tmp_path: Path
) -> None:
    """F3, F29."""
    place, file = tmp_path / "w", tmp_path / "TODO.md"
    shell("init", str(place), at=tmp_path)
    fresh = (place / "KANBAN.md").read_bytes()
    file.write_text(text + "\n")
    done = shell("board", "import", "../TODO.md", at=place)
    assert done.returncode == 4
    assert what in done.stderr
    assert (place / "KANBAN.md").read_bytes() == fresh
    assert shell("board", "import", "../TODO.md", "--as-is", at=place).returncode == 0
    assert (place / "KANBAN.md").read_bytes() == file.read_bytes()


def test_a_board_that_lies_there_already_can_be_imported_where_it_is(
    shell: Shell, here: Path
) -> None:
    done = shell("board", "import", "KANBAN.md", "--json", at=here)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cards"] == 4
    assert (here / "KANBAN.md").read_bytes() == BOARD.encode()


@pytest.fixture
def worked(tmp_path: Path) -> Path:
    """A workspace whose ledger knows a card that is done, one that is blocked, one that waits."""
    scene = Scene.at(tmp_path / "w")
    goal = scene.goal("Make a dataset")
    done, stuck = scene.step(goal, "mix"), scene.step(goal, "train")
    scene.move(done, State.WORKING)
    scene.move(done, State.COMPLETED)
    scene.move(stuck, State.WORKING)
    scene.move(stuck, State.FAILED, reason=UNPAID)
    scene.step(goal, "evaluate")
    scene.refresh()
    scene.ledger.close()
    return scene.workspace.root


def test_stats_are_those_of_the_ledger(shell: Shell, worked: Path) -> None:
    found = told(shell, "stats", "--since", "2025-01-01", at=worked)
    assert found["done"] == 1
    assert found["cycle"] == {
        "count": 1,
        "median": pytest.approx(1 / 60),
        "p85": pytest.approx(1 / 60),
    }
    assert {each["stage"] for each in found["aging"]} == {"Blocked", "Backlog"}
    assert "cycle time" in shell("board", "stats", at=worked).stdout
    (goal,) = told(shell, "stats", "--of", "goals", at=worked)["aging"]
    assert goal["title"] == "Make a dataset"


def test_burn_writes_one_svg_without_matplotlib(shell: Shell, worked: Path) -> None:
    done = shell("board", "burn", "--out", "reports/burn.svg", at=worked)
    assert done.returncode == 0, done.stderr
    ET.fromstring((worked / "reports" / "burn.svg").read_text())
    missing = shell("board", "burn", "--out", "no/such/folder/x.svg", at=worked)
    assert missing.returncode == 2, missing.stderr


def test_done_cards_go_to_the_archive_and_come_back(shell: Shell, worked: Path) -> None:
    before = (worked / "KANBAN.md").read_text()
    title = next(line for line in before.splitlines() if "Do mix" in line)
    done = shell("board", "archive", "--older-than", "1d", at=worked)
    assert done.returncode == 0, done.stderr
    (file,) = (worked / "KANBAN-archive").iterdir()
    assert file.name == "2026-01.md", "the month in which it ended"
    assert title in file.read_text()
    assert title not in (worked / "KANBAN.md").read_text()
    assert shell("board", "archive", "--older-than", "1d", at=worked).stdout.startswith("No card")
    assert "left the archive" in shell("board", "undo", at=worked).stdout
    assert title in (worked / "KANBAN.md").read_text()
    assert title not in file.read_text()


def test_a_kill_between_archive_and_board_leaves_a_card_in_both(
    shell: Shell, worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never in neither; the next run takes it off the board, and writes it into the archive once."""

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    before = (worked / "KANBAN.md").read_bytes()
    with monkeypatch.context() as dying:
        dying.setattr(BoardStore, "edit", killed)
        with pytest.raises(Killed):
            shell("board", "archive", "--older-than", "1d", at=worked)
    (file,) = (worked / "KANBAN-archive").iterdir()
    assert (worked / "KANBAN.md").read_bytes() == before
    assert file.read_text().count("Do mix") == 1
    shell("board", "archive", "--older-than", "1d", at=worked)
    assert file.read_text().count("Do mix") == 1
    assert b"Do mix" not in (worked / "KANBAN.md").read_bytes()


def git(place: Path, *arguments: str, check: bool = True) -> str:
    named = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    done = subprocess.run(
        ["git", "-C", str(place), *named, *arguments], capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def branches(tmp_path: Path) -> Path:
    """A repository in which two branches have changed the same board, stand-ups and notes."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    place = tmp_path / "repository"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    attributes = (
        "KANBAN.md merge=crewboard\nSTANDUPS.md merge=crewboard\nmemory/*.md merge=crewboard\n"
    )
    (place / ".gitattributes").write_text(attributes)
    commit(place, "base", "- Train on the mix ^t41x9", "2026-11-20 09:00", "")
    git(place, "checkout", "--quiet", "-b", "other")
    commit(
        place, "other", "- Train on the mix, says other ^t41x9", "2026-11-20 12:00", "- of other\n"
    )
    git(place, "checkout", "--quiet", "main")
    commit(
        place,
        "main",
        f"- Train on the mix, {HUMAN_FIRST} ^t41x9",
        "2026-11-20 10:00",
        "- of main\n",
    )
    return place


def commit(place: Path, name: str, card: str, synced: str, note: str) -> None:
    (place / "memory").mkdir(exist_ok=True)
    board = f"# B\n\n_Last synced: {synced} UTC (crew)_\n\n## Backlog\n{card}\n- Kept\n"
    (place / "KANBAN.md").write_text(board + (f"- Added on {name}\n" if note else ""))
    (place / "memory" / "2026-11-20.md").write_text(f"# 2026-11-20\n\n- morning\n{note}")
    entry = f"## Evening ({name})\n- did {name}\n\n" if note else ""
    (place / "STANDUPS.md").write_text(f"# Stand-ups\n\n{entry}## Morning\n- began\n")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "-m", name)


def with_driver(place: Path) -> None:
    import sys

    driver = f"'{sys.executable}' -m crewboard board merge %O %A %B %P"
    git(place, "config", "merge.crewboard.driver", driver)


def both_are_there(place: Path) -> None:
    board = (place / "KANBAN.md").read_text()
    for words in ("says other", HUMAN_FIRST, "Added on other", "Added on main", "- Kept"):
        assert board.count(words) == 1, words
    assert "<<<<<<<" not in board


def test_git_merges_boards_by_card_through_the_driver(branches: Path) -> None:
    """F1, F3: nobody has to choose a side, so nobody drops one."""
    with_driver(branches)
    said = git(branches, "merge", "--no-edit", "other")
    both_are_there(branches)
    board = (branches / "KANBAN.md").read_text()
    assert board.index(HUMAN_FIRST) < board.index("says other"), "our branch's words stand"
    assert "both sides reworded" in said
    assert "2026-11-20 12:00" in board, "F2: the later of the two"
    assert board.count("Last synced") == 1
    notes = (branches / "memory" / "2026-11-20.md").read_text()
    standups = (branches / "STANDUPS.md").read_text()
    assert all(text in notes for text in ("- morning", "- of other", "- of main"))
    assert all(text in standups for text in ("did other", "did main", "began"))


def test_a_driver_that_cannot_merge_leaves_our_side_and_tells_git(
    shell: Shell, branches: Path
) -> None:
    ours = (branches / "KANBAN.md").read_bytes()
    done = shell("board", "merge", "none", "KANBAN.md", "none", at=branches)
    assert done.returncode == 2
    assert (branches / "KANBAN.md").read_bytes() == ours


def test_conflicts_that_git_left_are_resolved_card_by_card(shell: Shell, branches: Path) -> None:
    """F3."""
    (branches / ".gitattributes").unlink()
    git(branches, "merge", "other", check=False)
    assert "<<<<<<<" in (branches / "KANBAN.md").read_text()
    assert shell("board", "lint", "KANBAN.md", at=branches).returncode == 4
    done = shell("board", "resolve", "KANBAN.md", at=branches)
    assert done.returncode == 0, done.stderr
    both_are_there(branches)
    assert "no merge conflict" in shell("board", "resolve", "KANBAN.md", at=branches).stdout


def test_hostile_titles_steer_no_terminal(shell: Shell, here: Path) -> None:
    nasty = "## Backlog\n- \x1b]0;owned\x07clean \u202e these\n"
    (here / "KANBAN.md").write_text(nasty)
    for verb in (["show"], ["find", "clean"], ["lint"], ["log"], ["move", "clean", "done"]):
        shown = shell("board", *verb, at=here)
        assert not {"\x1b", "\x07", "\u202e"} & set(shown.stdout + shown.stderr), verb
