"""The manifest of a run that nobody else publishes: what its rows came from, for `data lineage`."""

from collections.abc import Mapping
from pathlib import Path

import orjson

from crewboard.canonical import sha256_file
from crewboard.tools.contract.manifest import SUFFIX, Manifest
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.generate.provenance import VERSION
from crewboard.tools.generate.run import TOOL, Order, Result

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def write_manifest(order: Order, result: Result, inputs: Mapping[str, Path]) -> Path:
    """Beside the rows, which keep their name: a run goes on under it. `inputs` are files by their role
    (`recipe`, `examples`, `existing.0`), with paths as the caller wrote them."""
    rows, report = result.rows, result.report
    existing = [str(path) for role, path in inputs.items() if role.startswith("existing.")]
    named = {role: str(path) for role, path in inputs.items() if "." not in role}
    manifest = Manifest(
        name="rows",
        kind="rows-jsonl",
        path=rows.name,
        sha256=sha256_file(rows),
        size=rows.stat().st_size,
        rows=report["rows"],
        tool=TOOL,
        tool_version=VERSION,
        parameters={
            "recipe": order.recipe.name,
            "recipe_sha256": order.recipe.sha256,
            "model": order.target.name,
            "rows": order.recipe.file.rows,
            "existing": existing,
            **named,
        },
        parents={role: sha256_file(path) for role, path in sorted(inputs.items())},
        seed=order.recipe.file.seed,
        cost=report["actual"]["cost_microusd"],
        accounting={
            "rows_in": 0,
            "rows_out": report["rows"],
            "made": report["rows"] + sum(report["rejected"].values()),
            "dropped": report["rejected"],
        },
        measured={"by_axis": report["by_axis"], "actual": report["actual"]},
    )
    place = rows.with_name(rows.name + SUFFIX)
    write_whole(place, orjson.dumps(manifest, option=_OPTIONS))
    return place
