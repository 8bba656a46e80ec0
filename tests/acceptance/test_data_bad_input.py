"""Whatever file a verb of `crewboard data` is given: one sentence that names it, and nothing half written."""

import gzip
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acceptance.command_line import within
from acceptance.data_verbs import HERE, SLOTS, Slot, chat, furnish, verbs_of_files

from crewboard.cli import run
from crewboard.tools.audit.drop import seal

pytestmark = pytest.mark.timeout(120)  # a named pipe that is opened after all waits for ever

CANARY = "sk-live-canary-0123456789"
ROWS = b"".join(map(chat, range(200)))
TESTS = Path(__file__).resolve().parents[1]


def _zstd(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    packed: bytes = zstandard.compress(data)
    return packed


def _bomb() -> bytes:
    """150 KB that claim to be 150 MB."""
    return gzip.compress((b'{"messages": "' + b" " * 1_000_000 + b'"}\n') * 150)


BAD: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "blank": lambda: b"\n\n  \n\n",
    "junk": lambda: bytes(range(256)) * 40 + CANARY.encode(),
    "nul": lambda: b"\0" * 5000,
    "prose": f"Dear crew,\nthe key is {CANARY}.\n".encode,
    "bomb.gz": _bomb,
    "cut.gz": lambda: gzip.compress(ROWS)[:-20],
    "cut.zst": lambda: _zstd(ROWS)[:-20],
    "bare.gz": lambda: b"\x1f\x8b",
    "no.parquet": lambda: b"PAR1" + CANARY.encode() * 9 + b"PAR1",
    "short.parquet": lambda: b"PAR1",
    "long-line": lambda: b'{"messages": "' + b"x" * 60_000_000 + b'"}\n',
    "numbers": lambda: b"1\n2\n[3]\n",
}
"""Regular files of which no row and no document can be read. Beside them stand a pipe that nobody writes,
a folder, a link to itself, and nothing at all."""


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bad")
    for name, made in BAD.items():
        (folder / name).write_bytes(made())
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    return {path.name: path for path in folder.iterdir()} | {"missing": folder / "missing"}


@pytest.fixture(scope="module")
def furniture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furniture")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        furnish(folder)
    return folder


@pytest.fixture
def place(tmp_path: Path, furniture: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the calls need and an empty `out`."""
    for each in ("good.jsonl", "matrix.csv", "tokenizer.json", "findings.jsonl"):
        shutil.copy(furniture / each, tmp_path / each)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_verb_that_reads_files_has_a_case() -> None:
    """A verb without one would be trusted with any file, untried."""
    assert verbs_of_files() == {slot.verb for slot in SLOTS}


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.name)
def test_a_bad_file_is_refused_in_a_sentence_and_nothing_is_left_behind(
    place: Path, bad_files: dict[str, Path], slot: Slot, capsys: pytest.CaptureFixture[str]
) -> None:
    """F28: the exit code tells whose fault it is, the sentence which file it is and what to do."""
    wrong = {}
    for name, path in bad_files.items():
        if name in slot.takes or ("regular" in slot.takes and path.is_file()):
            continue
        bad = _put(path, place / f"bad{slot.suffix}")
        before = _sha256(bad)
        code = run(slot.call(bad))
        faults = list(_faults(place, bad.name, capsys.readouterr().err, code))
        if _sha256(bad) != before:
            faults.append("the input was changed")
        if faults:
            wrong[name] = faults
        _clear(bad, place / "out")
    assert wrong == {}


def _faults(place: Path, name: str, told: str, code: int) -> Iterator[str]:
    """What is wrong with how a bad file was refused."""
    if code not in {2, 5} or "broke" in told:
        yield f"exit code {code}"
    if told.count("\n") != 1 or not told.startswith("crewboard: ") or len(told) > 600:
        yield f"not one sentence: {told[:600]}"
    if name not in told:
        yield f"the file is not named: {told}"
    if ". " not in told:
        yield f"no remedy: {told}"
    if CANARY in told:
        yield f"it quotes the file: {told}"
    if left := [*(place / "out").rglob("*"), *place.glob("data")]:
        yield f"left: {left}"


ROW_VERBS = [slot for slot in SLOTS if slot.rows and ":" not in slot.name]


@pytest.mark.parametrize("slot", ROW_VERBS, ids=lambda slot: slot.name)
def test_a_bad_line_in_the_middle_loses_no_other(
    place: Path, slot: Slot, capsys: pytest.CaptureFixture[str]
) -> None:
    """F13: every other row arrives, and the books name the line and its byte."""
    lines = list(map(chat, range(50, 90)))
    offset = sum(map(len, lines[:20]))
    bad = place / "bad.jsonl"
    bad.write_bytes(b"".join([*lines[:20], b'{"messages": [{"role": "us\n', *lines[20:]]))
    (place / "findings.jsonl").write_bytes(seal(_sha256(bad)))
    code = run(slot.call(bad))
    told = capsys.readouterr().err
    if slot.name == "check":
        assert (code, "line 21" in told) == (2, True), told
        return
    assert "broke" not in told
    every = [json.loads(line) for line in _lines(place / "out", "*.jsonl")]
    places = {(row.get("line"), row.get("offset")) for row in every if "offset" in row}
    assert (21, offset) in places
    for manifest in (place / "out").glob("*.manifest.json"):
        account = json.loads(manifest.read_bytes())["accounting"]
        assert account["dropped"]["malformed-json"] == 1
        assert account["rows_in"] in {41, 81}  # with the good file beside it


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.name)
def test_a_file_that_may_not_be_read_is_named(
    place: Path, slot: Slot, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = place / f"bad{slot.suffix}"
    bad.write_bytes(ROWS)
    bad.chmod(0)
    if os.access(bad, os.R_OK):
        pytest.skip("this user may read everything")
    code = run(slot.call(bad))
    assert list(_faults(place, bad.name, capsys.readouterr().err, code)) == []


WRITING = [slot for slot in SLOTS if "--out out" in slot.out and ":" not in slot.name]


@pytest.mark.parametrize("out", ["good.jsonl", "good.jsonl/below", "/proc/no/such", "loop/below"])
@pytest.mark.parametrize("slot", WRITING, ids=lambda slot: slot.name)
def test_a_folder_that_cannot_be_made_is_a_wrong_call(
    place: Path, slot: Slot, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "loop").symlink_to("loop")
    shutil.copy(place / "good.jsonl", place / "rows.jsonl")
    rows = "support-desk" if slot.verb == "generate" else "rows.jsonl"
    words = f"data {slot.verb} {slot.words.replace(HERE, rows)} --out {out}"
    before = _sha256(place / "good.jsonl")
    code, told = run(words.split()), capsys.readouterr().err
    assert (code, told.count("\n")) == (2, 1), told
    assert out.partition("/")[0] in told
    assert _sha256(place / "good.jsonl") == before


def test_a_full_disk_stops_every_verb_and_nothing_half_is_named_as_whole(tmp_path: Path) -> None:
    """F28: the command says so, and with space it can be given again."""
    command = [*within("--mount"), sys.executable, "-m", "acceptance.full_disk", str(tmp_path)]
    path = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    environ = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if "mount:" in done.stderr:
        pytest.skip("this user may not mount a tmpfs")
    assert done.returncode == 0, done.stderr
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert {name for size, name, code, *_ in tried if code == 4} >= {
        slot.name for slot in ROW_VERBS if slot.out
    }
    for _, name, code, told, left in tried:
        assert code in {0, 4, 5}, told
        assert "broke" not in told, name
        if code == 4:
            assert "No space left" in told
            assert [each for each in left if not _is_whole(Path(each))] == []


def _is_whole(left: Path) -> bool:
    """A hidden folder says that it is not done; what carries its hash is, and so are sealed findings."""
    return left.parts[0].startswith(".") or len(left.name.split(".")) > 2 or left.stem == "findings"


def test_a_file_may_not_become_too_large(place: Path) -> None:
    """`ulimit -f`, and file systems with a limit of their own."""
    (place / "rows.jsonl").write_bytes(ROWS)
    call = f"{sys.executable} -m crewboard data convert rows.jsonl --to openai --out out"
    limited = ["bash", "-c", f"ulimit -f 8; trap '' XFSZ; {call}"]
    path = {"PYTHONPATH": str(TESTS.parent / "src")}
    done = subprocess.run(
        limited, env=os.environ | path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "ulimit" in done.stderr) == (2, True), done.stderr
    assert [each for each in (place / "out").iterdir() if each.name[0] != "."] == []


ENDS = [("> /dev/full", 4, "no space is left"), (">&-", 0, ""), (">&- 2>&-", 0, "")]


@pytest.mark.parametrize(("end", "code", "told"), ENDS)
def test_a_stdout_that_is_full_or_closed_is_no_fault_of_ours(
    place: Path, end: str, code: int, told: str
) -> None:
    call = f"{sys.executable} -m crewboard data convert good.jsonl --to openai --out out {end}"
    path = {"PYTHONPATH": str(TESTS.parent / "src")}
    done = subprocess.run(
        ["bash", "-c", call], env=os.environ | path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert list((place / "out").glob("good.openai.*.jsonl"))


def _put(source: Path, at: Path) -> Path:
    """The bad thing under the name that the verb expects, and findings that are of its bytes."""
    if source.is_symlink():
        at.symlink_to(at.name)
    elif source.is_dir():
        at.mkdir()
    elif source.exists() and stat.S_ISFIFO(source.stat().st_mode):
        os.mkfifo(at)
    elif source.exists():
        os.link(source, at)
    (at.parent / "findings.jsonl").write_bytes(seal(_sha256(source)))
    return at


def _clear(bad: Path, out: Path) -> None:
    """Make room for the next one."""
    shutil.rmtree(out)
    out.mkdir()
    if bad.is_dir():
        bad.rmdir()
    else:
        bad.unlink(missing_ok=True)


def _lines(folder: Path, names: str) -> Iterator[bytes]:
    for path in folder.rglob(names):
        if path.name != "good.jsonl":
            yield from path.read_bytes().splitlines()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
