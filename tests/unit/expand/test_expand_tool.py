"""The tool: the sets it writes, their seeds, their books."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from unit.expand.matrices import AGENTS, FIVE, fifteen, write_toml
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.contract import Outcome
from crewboard.tools.expand import expand


def _sources(folder: Path, rows: int = 40) -> dict[str, Any]:
    files = [
        write_rows(folder / f"{name}.jsonl", [chat(f"{name} {i}", agent=name) for i in range(rows)])
        for name in AGENTS
    ]
    matrix = write_toml(folder / "matrix.toml", FIVE)
    return {"sources": files, "agents": AGENTS, "matrix": matrix}


def _sets(outcome: Outcome) -> dict[str, list[Row]]:
    folder = made(outcome, "expanded")
    return {path.stem: read_rows(path) for path in sorted(folder.iterdir())}


def test_each_target_gets_its_rows_and_each_row_says_from_whom(tmp_path: Path) -> None:
    outcome = run(expand, tmp_path, **_sources(tmp_path), rows=200, native_share=0.1)
    for target, rows in _sets(outcome).items():
        assert len(rows) == 200
        told = Counter(row["expansion"]["source"] for row in rows)
        assert told == outcome.measured["drawn"][target]
        assert told[target] == 20
        for row in rows:
            assert row["expansion"] == {
                "target": target,
                "source": row["agent"],
                "compatibility": FIVE[target][row["agent"]],
            }


def test_weights_are_spoken_of_where_rows_bear_some(tmp_path: Path) -> None:
    given = _sources(tmp_path, rows=4) | {"rows": 8, "native_share": 0.5}
    assert "weight" not in run(expand, tmp_path, "plain", **given).summary
    write_rows(tmp_path / "qa.jsonl", [chat("q", agent="qa", weight=0.4)])
    assert "1 bore a weight: no trainer" in run(expand, tmp_path, "weighed", **given).summary


def test_the_figures_of_the_first_run_come_out_again(tmp_path: Path) -> None:
    """5 x 1,333 rows became 99,990; by default they become 100,000."""
    given = _sources(tmp_path, rows=1333) | {"matrix": write_toml(tmp_path / "m.toml", fifteen())}
    told = run(expand, tmp_path, "a", **given, rows=20_000, rounding="truncate")
    assert told.rows is not None
    assert (told.rows.rows_in, told.rows.rows_out) == (6665, 99_990)
    assert told.measured["native_rows"] == 6665
    assert told.measured["compatibility_histogram"] == {
        "1": 6665,
        "0.8": 6222,
        "0.7": 17064,
        "0.6": 32855,
        "0.5": 14066,
        "0.4": 11617,
        "0.3": 9013,
        "0.2": 2488,
    }
    exact = run(expand, tmp_path, "b", **given, rows=20_000)
    assert exact.measured["rows_for_each"] == dict.fromkeys(AGENTS, 20_000)


def test_a_seed_gives_the_same_sets_and_another_seed_others(tmp_path: Path) -> None:
    given = _sources(tmp_path)
    first, again, other = (
        _sets(run(expand, tmp_path, str(i), **given, rows=100, seed=seed))
        for i, seed in enumerate((1, 1, 2))
    )
    assert first == again
    assert first != other


def test_the_order_of_the_source_does_not_matter(tmp_path: Path) -> None:
    given = _sources(tmp_path)
    first = _sets(run(expand, tmp_path, "a", **given, rows=100))
    for name in given["sources"]:
        write_rows(tmp_path / name, reversed(read_rows(tmp_path / name)))
    assert _sets(run(expand, tmp_path, "b", **given, rows=100)) == first


def test_a_weight_of_a_row_becomes_its_number_of_copies_and_leaves_the_row(tmp_path: Path) -> None:
    """No trainer and no provider applies a fraction."""
    rows = [chat(str(i), weight=0.2 if i % 2 else 1.0) for i in range(100)]
    name = write_rows(tmp_path / "all.jsonl", rows)
    outcome = run(expand, tmp_path, sources=[name], agents=["all"], rows=6000)
    out = _sets(outcome)["all"]
    often = Counter(int(row["messages"][0]["content"]) % 2 for row in out)
    assert often == {0: 5000, 1: 1000}
    assert not any("weight" in row for row in out)
    assert outcome.measured["row_weights"]["rows"] == 50


def test_a_turns_weight_of_0_or_1_stays_where_it_is(tmp_path: Path) -> None:
    row = chat("q")
    row["messages"][1]["weight"] = 0
    name = write_rows(tmp_path / "all.jsonl", [row])
    outcome = run(expand, tmp_path, sources=[name], agents=["all"], rows=1)
    assert _sets(outcome)["all"][0]["messages"] == row["messages"]


def test_rows_that_are_not_drawn_or_not_rows_are_told_with_their_place(tmp_path: Path) -> None:
    """F13: in + made = out + dropped by reason."""
    name = write_rows(
        tmp_path / "all.jsonl", [chat("a"), chat("b", weight=1.5), chat("c", weight=0)]
    )
    with (tmp_path / name).open("ab") as file:
        file.write(b"{\n")
    outcome = run(expand, tmp_path, sources=[name], agents=["all"], rows=5)
    assert dropped(outcome) == {"malformed-json": 1, "not-drawn": 1, "weight-out-of-range": 1}
    assert outcome.rows is not None
    assert (outcome.rows.rows_in, outcome.rows.made, outcome.rows.rows_out) == (4, 4, 5)
    data = (tmp_path / name).read_bytes()
    for each in read_rows(made(outcome, "dropped")):
        assert data[: each["offset"]].count(b"\n") == each["line"] - 1


def test_an_expansion_of_an_expansion_remembers_both(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "all.jsonl", [chat("a", expansion={"source": "x"})])
    outcome = run(expand, tmp_path, sources=[name], agents=["all"], rows=1)
    assert _sets(outcome)["all"][0]["expansion"]["of"] == {"source": "x"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"agents": ["qa"]}, "5 sources need as many agents"),
    ({"agents": ["qa", "qa", "a", "b", "c"]}, "each named once"),
    ({"agents": ["../x", *AGENTS[1:]]}, "an agent's name is letters"),
    ({"agents": ["nobody", *AGENTS[1:]]}, "the matrix has no nobody; it has qa, support"),
    ({"targets": ["nobody"]}, "the matrix has no nobody"),
    ({"matrix": None}, "several agents need a matrix"),
    ({"rows": 0}, "rows"),
]


@pytest.mark.parametrize(("change", "told"), WRONG)
def test_what_cannot_be_drawn_is_found_before_it_is_begun(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    """F15."""
    with pytest.raises(ArgumentsInvalid, match=told):
        run(expand, tmp_path, **({**_sources(tmp_path, 3), "rows": 5} | change))
