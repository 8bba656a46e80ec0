"""The tool: every row accounted for, files whole, and a stopped run that goes on."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.convert.conversations import ASKED, CALLED, FOUND, SAID, Row
from unit.tools.data_rows import Stopping, dropped, made, read_rows, run, write_rows

from crewboard.errors import Cancelled, InputUnreadable, JobConflict, UnknownName
from crewboard.tools.contract.bench import Bench
from crewboard.tools.convert import ConvertArguments, Format, convert, format_of, resumable

GOOD: Row = {"messages": [ASKED, SAID]}


def test_rows_of_several_shapes_become_rows_of_one(tmp_path: Path) -> None:
    first = write_rows(tmp_path / "a.jsonl", [GOOD, {"question": "q", "answer": "a"}])
    second = write_rows(tmp_path / "b.jsonl", [{"instruction": "i", "output": "o"}])
    outcome = run(convert, tmp_path, files=[first, second], to="openai")
    assert [row["messages"][1]["content"] for row in read_rows(made(outcome, "rows"))] == [
        *("a", "a", "o")
    ]
    assert outcome.measured["read_as"] == {"alpaca": 1, "chat": 1, "pairs": 1}


def test_what_cannot_be_converted_is_kept_apart_with_line_byte_reason_and_remedy(
    tmp_path: Path,
) -> None:
    """F13: in = out + dropped by reason."""
    rows = [GOOD, {"text": "x"}, {"messages": [ASKED, CALLED, FOUND, SAID]}, GOOD]
    name = write_rows(tmp_path / "in.jsonl", rows)
    with (tmp_path / name).open("ab") as file:
        file.write(b'{"messages": [\n\xff\n')
    outcome = run(convert, tmp_path, files=[name], to="alpaca")
    assert outcome.rows is not None
    assert (outcome.rows.rows_in, outcome.rows.rows_out) == (6, 2)
    assert dropped(outcome) == {
        "bad-utf8": 1,
        "cannot-hold": 1,
        "malformed-json": 1,
        "unknown-shape": 1,
    }
    data = (tmp_path / name).read_bytes()
    for each in read_rows(made(outcome, "dropped")):
        assert data[: each["offset"]].count(b"\n") == each["line"] - 1
        assert each["file"] == "in.jsonl"
        assert each["note"]
        if "row" in each:
            assert each["row"] == rows[each["line"] - 1]


def test_rows_that_went_through_a_table_come_back_as_they_were(tmp_path: Path) -> None:
    """A table has fractions for numbers, and a text of its own for content in parts."""
    pytest.importorskip("pyarrow")
    parts = {"role": "user", "content": [{"type": "text", "text": "q"}]}
    rows = [{"messages": [parts, SAID | {"weight": 0}], "level": 3}, GOOD]
    name = write_rows(tmp_path / "in.jsonl", rows)
    table = made(run(convert, tmp_path, out="there", files=[name], to="parquet"), "rows")
    inside = str(table.relative_to(tmp_path))
    back = run(convert, tmp_path, out="back", files=[inside], to="chat")
    plain = run(convert, tmp_path, out="plain", files=[name], to="chat")
    assert made(back, "rows").read_bytes() == made(plain, "rows").read_bytes()
    assert back.measured["read_as"] == {"parquet": 2}


def test_what_a_target_loses_is_told_by_count_and_field(tmp_path: Path) -> None:
    rows = [GOOD, GOOD | {"level": 1}, GOOD | {"level": 2, "weight": 0.4}]
    name = write_rows(tmp_path / "in.jsonl", rows)
    outcome = run(convert, tmp_path, files=[name], to="openai")
    assert outcome.measured["lost"] == [
        {"field": "details.level", "count": 2, "rows": 2, "first_line": 2},
        {"field": "weight", "count": 1, "rows": 1, "first_line": 3},
    ]
    assert "lost: details.level 2, weight 1" in outcome.summary
    assert "1 rows bear a weight that openai does not apply" in outcome.summary


def test_a_weight_that_is_applied_is_not_complained_about(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", [GOOD | {"weight": 0.4}])
    outcome = run(convert, tmp_path, files=[name], to="fireworks")
    assert outcome.measured["rows_with_unapplied_weight"] == 0
    assert outcome.measured["lost"] == []


def test_rather_than_lose_a_field_a_row_can_be_left_out(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", [GOOD, GOOD | {"level": 1}])
    outcome = run(convert, tmp_path, files=[name], to="openai", on_loss="drop")
    assert dropped(outcome) == {"would-lose": 1}
    assert "details.level" in read_rows(made(outcome, "dropped"))[0]["note"]


def test_plain_rows_hold_nothing_beside_their_shape(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", [GOOD | {"level": 1}])
    outcome = run(convert, tmp_path, files=[name], to="sharegpt", keep=False)
    assert [set(row) for row in read_rows(made(outcome, "rows"))] == [{"conversations"}]
    assert [each["field"] for each in outcome.measured["lost"]] == ["details.level"]


def test_a_file_of_which_nothing_can_be_converted_is_an_error_with_the_first_reason(
    tmp_path: Path,
) -> None:
    """F9: zero rows is a failure, also beside a file that gives some."""
    good = write_rows(tmp_path / "good.jsonl", [GOOD])
    bad = write_rows(tmp_path / "bad.jsonl", [{"text": "x"}])
    with pytest.raises(InputUnreadable, match=r"bad\.jsonl.*line 1: unknown-shape.*--from"):
        run(convert, tmp_path, files=[good, bad], to="openai")


def test_a_wrong_name_is_found_before_anything_is_read(tmp_path: Path) -> None:
    """F15."""
    name = write_rows(tmp_path / "in.jsonl", [GOOD])
    for arguments in ({"to": "gpt"}, {"to": "openai", "source": "gpt"}):
        with pytest.raises(UnknownName):
            run(convert, tmp_path, files=[name], **arguments)


def test_llama_factory_finds_its_columns_in_the_file_beside(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "train.jsonl", [GOOD])
    folder = made(run(convert, tmp_path, files=[name], to="llama-factory"), "rows")
    [[entry]] = [list(orjson.loads((folder / "dataset_info.json").read_bytes()).values())]
    [row] = read_rows(folder / entry["file_name"])
    assert entry["formatting"] == "sharegpt"
    assert all(column in row for column in entry["columns"].values())


def test_a_ranking_set_says_so_to_llama_factory(tmp_path: Path) -> None:
    pair = {"messages": [ASKED], "chosen": [SAID], "rejected": [SAID | {"content": "b"}]}
    name = write_rows(tmp_path / "train.jsonl", [pair])
    folder = made(run(convert, tmp_path, files=[name], to="llama-factory"), "rows")
    entry = orjson.loads((folder / "dataset_info.json").read_bytes())["train"]
    assert entry["ranking"] is True
    assert read_rows(folder / "train.jsonl")[0]["chosen"] == {"from": "gpt", "value": "a"}


def test_axolotl_gets_its_block_of_configuration(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "train.jsonl", [GOOD])
    folder = made(run(convert, tmp_path, files=[name], to="axolotl"), "rows")
    text = (folder / "axolotl.yaml").read_text()
    assert "path: train.jsonl\n" in text
    assert "message_field_training: train\n" in text


# ── stopped and gone on with ───────────────────────────────────────────────────────────────────


class Listening(Bench):
    """A bench that remembers how many rows it was told there would be."""

    totals: list[int | None]

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.totals.append(total)


def test_how_much_is_left_is_told_of_all_files_together(tmp_path: Path) -> None:
    names = [write_rows(tmp_path / f"{n}.jsonl", [GOOD] * 3000) for n in range(2)]
    bench = Listening(tmp_path, tmp_path / "out")
    bench.totals = []
    convert.run(ConvertArguments(files=tuple(names), to="openai"), bench)
    assert bench.totals == pytest.approx([6000, 6000, 6000], rel=0.01)


def _many(folder: Path) -> tuple[str, list[Row]]:
    rows: list[Row] = [GOOD | {"n": n} if n % 7 else {"text": n} for n in range(5000)]
    return write_rows(folder / "in.jsonl", rows), rows


def _arguments(name: str) -> ConvertArguments:
    return ConvertArguments(files=(name,), to="openai")


def _whole(folder: Path, name: str) -> tuple[bytes, bytes, dict[str, Any]]:
    outcome = convert.run(_arguments(name), Bench(folder, folder / "whole"))
    rows, dropped = (each.path.read_bytes() for each in outcome.made)
    return rows, dropped, dict(outcome.measured)


def test_a_stopped_run_goes_on_and_ends_with_the_same_bytes_and_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "EVERY", 500)
    name, _ = _many(tmp_path)
    first = Stopping(tmp_path, tmp_path / "out")
    first.after = 3000
    with pytest.raises(Cancelled):
        convert.run(_arguments(name), first)
    assert not list(first.out.iterdir()), "nothing half is named as if it were whole"

    converted: list[Row] = []

    def counted(row: Row) -> Format:
        converted.append(row)
        return format_of(row)

    monkeypatch.setattr("crewboard.tools.convert.tool.format_of", counted)
    second = Bench(tmp_path, tmp_path / "out")
    outcome = convert.run(_arguments(name), second)
    assert len(converted) <= 5000 - 2500, "what was done before the mark is not done again"
    assert _whole(tmp_path, name) == (
        *(each.path.read_bytes() for each in outcome.made),
        dict(outcome.measured),
    )
    assert not list((tmp_path / "out.jobs").iterdir())


def test_a_run_on_a_changed_input_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F25: a file regenerated under the same name is another file."""
    monkeypatch.setattr(resumable, "EVERY", 500)
    name, rows = _many(tmp_path)
    first = Stopping(tmp_path, tmp_path / "out")
    first.after = 3000
    with pytest.raises(Cancelled):
        convert.run(_arguments(name), first)
    write_rows(tmp_path / name, [row | {"new": True} for row in rows])
    outcome = convert.run(_arguments(name), Bench(tmp_path, tmp_path / "out"))
    assert outcome.rows is not None
    assert outcome.rows.rows_in == 5000
    assert _whole(tmp_path, name)[2] == outcome.measured


@pytest.mark.parametrize("harm", ["torn rows", "torn mark", "rows are short"])
def test_a_run_that_died_between_two_marks_does_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    monkeypatch.setattr(resumable, "EVERY", 500)
    name, _ = _many(tmp_path)
    first = Stopping(tmp_path, tmp_path / "out")
    first.after = 3000
    with pytest.raises(Cancelled):
        convert.run(_arguments(name), first)
    [folder] = (tmp_path / "out.jobs").iterdir()
    if harm == "torn rows":
        with (folder / "files" / "rows").open("ab") as file:
            file.write(b'{"messages": [{"ro')
    elif harm == "torn mark":
        (folder / "mark.json").write_bytes(b'{"key": ')
    else:
        (folder / "files" / "rows").write_bytes(b"")
    outcome = convert.run(_arguments(name), Bench(tmp_path, tmp_path / "out"))
    assert _whole(tmp_path, name)[0] == made(outcome, "rows").read_bytes()


def test_two_runs_of_the_same_work_do_not_meet(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    with (
        resumable.Resumable(folder, "k", dict),
        pytest.raises(JobConflict),
        resumable.Resumable(folder, "k", dict),
    ):
        pass


def test_a_mark_of_other_work_is_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "EVERY", 1)
    with resumable.Resumable(tmp_path / "job", "k", dict) as first:
        first.keep(b"{}")
    with resumable.Resumable(tmp_path / "job", "other", dict) as second:
        assert (second.books.read, second.held) == (0, None)
