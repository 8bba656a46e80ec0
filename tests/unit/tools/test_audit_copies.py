"""Copies are found alike by sorting, by sorting in sixteenths, and by a dictionary."""

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.audit import repeats
from crewboard.tools.audit.keys import COLUMNS, KeyFile
from crewboard.tools.audit.repeats import Part, Table, copies

np = pytest.importorskip("numpy")
KEYS = st.lists(st.sampled_from([0, 1, 2, 1 << 63, (1 << 63) + 5, (1 << 64) - 1]), max_size=30)


def pairs(column: object) -> list[tuple[int, int]]:
    return sorted((copy.index, copy.first) for copy in copies(column))


@given(KEYS)
def test_every_way_to_find_copies_finds_the_same(keys: list[int]) -> None:
    expected = [(n, keys.index(key)) for n, key in enumerate(keys) if key and keys.index(key) != n]
    assert pairs(array("Q", keys)) == expected
    assert pairs(np.array(keys, np.uint64)) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_AT_ONCE", 3)
        assert pairs(np.array(keys, np.uint64)) == expected


def test_a_row_is_placed_by_its_part(tmp_path: Path) -> None:
    parts = []
    for name, rows, shift in (("a", 3, 0), ("b", 2, 10)):
        with (tmp_path / name).open("wb") as file:
            writer = KeyFile(file)
            for n in range(rows):
                writer.add((n, 0, 0, 0, 0, 0), n + 1, 100 * n)
            writer.flush()
        parts.append(Part(tmp_path / name, rows, shift, name))
    table = Table(parts)
    assert table.rows == 5
    assert [table.place(n) for n in (0, 2, 3, 4)] == [
        ("a", 1, 0),
        ("a", 3, 200),
        ("b", 11, 0),
        ("b", 12, 100),
    ]
    assert list(table.column(COLUMNS[0])) == [0, 1, 2, 0, 1]
