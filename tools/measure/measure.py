"""`measure(kind, path)`: numbers from an artifact's bytes alone.

No manifest is read, and nothing that the tool which made the artifact said about it. What a measure
means is the same as in the audit, since both use one definition of a sound row.
"""

from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from crewboard.errors import InputMissing
from crewboard.tools.measure.rows import (
    measure_chat,
    measure_dataset,
    measure_rows,
    objects_in,
)


def measure(kind: str, path: Path) -> dict[str, float]:
    """Measure an artifact of a kind in `KINDS`, or its size in `bytes` where the kind is unknown.

    Something that does not open says so by a measure of 0 (`opens`, `losses_finite`,
    `tensors_finite`) and not by an error. InputMissing when nothing is there.
    """
    if not path.exists():
        raise InputMissing(path=path)
    return KINDS.get(kind, _bytes)(path)


def _bytes(path: Path) -> dict[str, float]:
    return {"bytes": float(sum(file.stat().st_size for file in _files(path)))}


def _page(path: Path) -> dict[str, float]:
    """Tell in `opens` whether it is UTF-8 text, and not blank."""
    data = path.read_bytes()
    try:
        opens = bool(data.decode().strip())
    except UnicodeDecodeError:
        opens = False
    return {"bytes": float(len(data)), "opens": float(opens)}


def _plot(path: Path) -> dict[str, float]:
    """Tell in `opens` whether it begins and ends as SVG does."""
    text = path.read_bytes().strip()
    opens = b"<svg" in text[:2000] and text.endswith(b"</svg>")
    return {"bytes": float(path.stat().st_size), "opens": float(opens)}


def _exclusions(path: Path) -> dict[str, float]:
    return {"rows": measure_rows(path)["rows"]}


def _audit_report(path: Path) -> dict[str, float]:
    found = _json(path)
    try:
        counts = [int(rule["count"]) for rule in found["rules"]]
        within = float(found["verdict"]["within"] is True)
    except (KeyError, TypeError, ValueError):
        return {"rules": 0.0, "findings": 0.0, "within": 0.0, "opens": 0.0}
    told = {"rules": float(len(counts)), "findings": float(sum(counts)), "opens": 1.0}
    return told | {"within": within}


def _dataset(path: Path) -> dict[str, float]:
    """Rows of any shape, in a file or a folder of files. Where they hold `messages` they are measured as
    chat rows, and `duplicates` is the largest share within one file."""
    found = [measure_dataset(file) for file in _files(path) if not file.name.endswith(_BESIDE)]
    if not found:
        return {"files": 0.0, "rows": 0.0, "parse_errors": 0.0}
    rows = [each["rows"] for each in found]
    most = {
        name: max(each[name] for each in found if name in each) for name in _MOST & set(found[0])
    }
    told = {name: sum(each.get(name, 0.0) for each in found) for name in set(found[0]) - _MOST}
    spread = {"rows_least": min(rows), "rows_most": max(rows)}
    return {"files": float(len(found)), **dict(sorted((told | most).items())), **spread}


_MOST = frozenset({"duplicates", "words_max"})
_BESIDE = ("dataset_info.json", ".yaml")
"""What some formats want beside their rows."""


def _contract_report(path: Path) -> dict[str, float]:
    found = _json(path)
    try:
        return {
            "rows": float(found["rows"]),
            "rows_broken": float(found["rows_broken"]),
            "opens": 1.0,
        }
    except (KeyError, TypeError, ValueError):
        return {"opens": 0.0}


def _generation_report(path: Path) -> dict[str, float]:
    """`off_quota` counts rows that a stratum has too many or too few."""
    found = _json(path)
    try:
        got = found["got"]
        off = sum(abs(asked - got.get(name, 0)) for name, asked in found["planned"].items())
        return {"rows": float(found["rows"]), "off_quota": float(off), "opens": 1.0}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {"opens": 0.0}


def _training_log(path: Path) -> dict[str, float]:
    """`losses_finite` is 0 when a loss is not finite, and when there is none."""
    rows = [row for row in objects_in(path) if "loss" in row]
    losses = [_number(row["loss"]) for row in rows]
    steps = max((_number(row.get("step")) for row in rows), default=0.0)
    complete = bool(losses) and measure_rows(path)["parse_errors"] == 0
    finite = complete and all(map(isfinite, losses))
    ends = {"first_loss": losses[0], "last_loss": losses[-1]} if finite else {}
    return {"steps": steps if isfinite(steps) else 0.0, "losses_finite": float(finite), **ends}


def _evaluation(path: Path) -> dict[str, float]:
    found = _json(path)
    try:
        low, high = found["ci95"]
        told = {
            "n": found["n"],
            "base_nll": found["base"]["nll"],
            "tuned_nll": found["tuned"]["nll"],
            "delta": found["delta"],
            "ci_low": low,
            "ci_high": high,
        }
    except (KeyError, TypeError, ValueError):
        return {"opens": 0.0}
    numbers = {name: _number(value) for name, value in told.items()}
    return numbers | {"opens": 1.0} if all(map(isfinite, numbers.values())) else {"opens": 0.0}


def _adapter(folder: Path) -> dict[str, float]:
    """Measure a folder of safetensors; without a single tensor it is no adapter, nor finite."""
    found = _base_model(folder)
    return found | {"tensors_finite": found["tensors_finite"] if found["tensors"] else 0.0}


def _base_model(folder: Path) -> dict[str, float]:
    """Measure a folder of safetensors, or of none where it names a model that lies elsewhere.

    Other formats can run code when opened, and are not opened.
    """
    files = list(_files(folder))
    shards = [file for file in files if file.suffix == ".safetensors"]
    tensors, finite = 0, True
    for shard in shards:
        count, sound = _look_into(shard)
        tensors += count
        finite = finite and sound
    return {
        **_bytes(folder),
        "files": float(len(files)),
        "tensors": float(tensors),
        "tensors_finite": float(finite),
    }


def _look_into(shard: Path) -> tuple[int, bool]:
    """How many tensors a file has, one after the other in memory, and whether all are finite."""
    import torch
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(shard, framework="pt") as opened:
            names = list(opened.keys())
            sound = [bool(torch.isfinite(opened.get_tensor(name)).all()) for name in names]
    except SafetensorError:
        return 0, False
    return len(names), all(sound)


def _json(path: Path) -> Any:
    """Return what a JSON file holds; None when it is none."""
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else float("nan")


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


KINDS: dict[str, Callable[[Path], dict[str, float]]] = {
    "chat-jsonl": measure_chat,
    "rows-jsonl": measure_rows,
    "dataset": _dataset,
    "chat-jsonl-folder": _dataset,
    "exclusions-jsonl": _exclusions,
    "rejected-jsonl": _exclusions,
    "contract-report": _contract_report,
    "generation-report": _generation_report,
    "audit-report": _audit_report,
    "training-log": _training_log,
    "evaluation": _evaluation,
    "adapter": _adapter,
    "base-model": _base_model,
    "report": _page,
    "plot": _plot,
}
