"""The audit on planted corpora: speed, memory, recall, and others' tools beside it.

    python benchmarks/corpus.py /tmp/c450.jsonl --mb 450
    python benchmarks/audit.py /tmp/c50.jsonl /tmp/c150.jsonl /tmp/c450.jsonl [--others PYTHON]
                               [--sample-mb 5] [--runs 2]

Everything runs in processes of its own; CPU seconds are user and system of the process and its
children, the best of the runs; memory is the peak beyond what the imported package takes. The unit is
the CPU that `orjson.loads` takes on every line of the same file, in the same round. `--others` is a
Python in which datasketch, pandas, presidio-analyzer or data-juicer may be installed: each is run on
the first megabytes of the last corpus where it is there, and named where it is not.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

HERE = Path(__file__).resolve().parent
MB = 1_000_000
LEAST_PAIR = 0.7
ALSO = {"tool-unanswered": "tool-stray-answer"}
"""A rule that rows planted for another break as well: whoever answers astray leaves a call open."""

BASELINE = """
import sys, orjson
for line in open(sys.argv[1], "rb"):
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--sample-mb", type=float, default=5)
    parser.add_argument("--runs", type=int, default=2)
    given = parser.parse_args()
    for corpus in given.corpora:
        print(f"\n{corpus.name}: {corpus.stat().st_size / MB:,.0f} MB")
        speed(corpus, given.runs)
    recall(given.corpora[-1])
    if given.others:
        others(given.corpora[-1], given.others, given.sample_mb)


def speed(corpus: Path, runs: int) -> None:
    base = min(_cost([sys.executable, "-c", BASELINE, str(corpus)])["cpu"] for _ in range(runs))
    print(f"  orjson.loads on every line      {base:6.2f} CPU s")
    jobs = {"audit": [], "audit, 2 processes": ["--processes", "2"], "audit and near": ["--near"]}
    walls: dict[str, float] = {}
    for name, options in jobs.items():
        costs = [_audit(corpus, options) for _ in range(runs)]
        cpu, walls[name] = min(c["cpu"] for c in costs), min(c["wall"] for c in costs)
        grown = min(c["grown"] for c in costs)
        print(
            f"  {name:<31} {cpu:6.2f} CPU s  {cpu / base:5.2f} x  wall {walls[name]:6.2f} s  "
            f"{grown:+.0f} MB"
        )
    faster = walls["audit"] / walls["audit, 2 processes"]
    print(f"  two processes take 1/{faster:.2f} of the wall time (load {os.getloadavg()[0]:.1f})")


def _audit(corpus: Path, options: list[str]) -> dict[str, float]:
    command = [sys.executable, str(HERE / "audit.py"), "--child", str(corpus), *options]
    return _cost(command)


def child(arguments: list[str]) -> None:
    """One audit, in a process of its own: what it adds to memory goes to stdout."""
    from crewboard.tools.audit.config import AuditConfig
    from crewboard.tools.audit.work import Wanted, audit_files

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processes = int(arguments[2]) if "--processes" in arguments else 1
    wanted = Wanted(
        (Path(arguments[0]),),
        AuditConfig(),
        near="--near" in arguments,
        processes=processes,
    )
    audit_files(wanted)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"grown": (peak - before) / 1000}))


def _cost(command: list[str], **more: Any) -> dict[str, float]:
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, **more)
    said = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stdout:
        process.stdout.close()
    if status:
        raise SystemExit(f"{command} failed")
    told = json.loads(said) if said.strip().startswith(b"{") else {}
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - began,
        "grown": told.get("grown", 0.0),
        **{k: v for k, v in told.items() if k != "grown"},
    }


def recall(corpus: Path) -> None:
    """Every planted line against every found one, class by class; then the near pairs."""
    from crewboard.tools.audit.config import AuditConfig
    from crewboard.tools.audit.work import Wanted, audit_files

    manifest = orjson.loads(corpus.with_name(corpus.name + ".manifest.json").read_bytes())
    with tempfile.TemporaryFile() as sink:
        config = AuditConfig(max_words=3000)
        report = audit_files(Wanted((corpus,), config, near=True), sink=sink)
        sink.seek(0)
        found: dict[str, set[int]] = {}
        for line in sink:
            row = orjson.loads(line)
            if "rule" in row:
                found.setdefault(row["rule"], set()).add(row["line"])
    planted = {rule: set(lines) for rule, lines in manifest["planted"].items()}
    for rule, other in ALSO.items():
        planted.setdefault(rule, set()).update(planted.get(other, ()))
    print(f"\nrecall on {corpus.name}: class, planted, found of these, beyond")
    for rule, lines in sorted(planted.items()):
        if not rule.startswith("decoy"):
            hits = found.get(rule, set())
            print(f"  {rule:<24} {len(lines):6,} {len(lines & hits):6,} {len(hits - lines):6,}")
    loud = {rule for rule in planted if rule.startswith("decoy")}
    wrong = {r: len(planted[r] & set().union(*found.values())) for r in sorted(loud)}
    print(f"  decoys with any finding: {wrong}")
    _near_recall(manifest, found["near-duplicate"], report)


def _near_recall(manifest: dict[str, Any], rows: set[int], report: dict[str, Any]) -> None:
    high = [pair for pair in manifest["near"] if pair[2] >= LEAST_PAIR]
    low = [pair for pair in manifest["near"] if pair[2] < LEAST_PAIR]
    hits = sum(second in rows for _, second, _ in high)
    known = {second for _, second, _ in high}
    for rule in ("duplicate-stripped", "cross-agent-reuse", "duplicate-answer"):
        known |= set(manifest["planted"].get(rule, ()))
    beyond = rows - known
    near = report["near_duplicates"]
    print(
        f"  near pairs of Jaccard >= {LEAST_PAIR}: {hits:,} of {len(high):,} found; "
        f"{len(beyond)} rows beyond what was planted; {sum(s in rows for _, s, _ in low)} of "
        f"{len(low)} pairs below told; {near['candidates']:,} verified"
    )


def others(corpus: Path, python: Path, sample_mb: float) -> None:
    """Others' tools on the first megabytes, by the same wall and CPU clocks."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.jsonl"
        _cut(corpus, sample, int(sample_mb * MB))
        size = sample.stat().st_size / MB
        print(f"\nbeside it, on {size:.1f} MB: CPU s, MB a CPU second")
        ours = {"audit": [], "audit and near": ["--near"]}
        for name, options in ours.items():
            cpu = _audit(sample, options)["cpu"]
            print(f"  {'crewboard ' + name:<36} {cpu:8.2f} {size / cpu:8.2f}")
        for script in sorted((HERE / "others").glob("*.py")):
            done = subprocess.run(
                [python, script, "--there"], capture_output=True, text=True, check=False
            )
            if done.returncode:
                print(f"  {script.stem:<36} not installed there")
                continue
            cost = _cost([str(python), str(script), str(sample)])
            told = ", ".join(
                f"{k} {v}" for k, v in cost.items() if k not in {"cpu", "wall", "grown"}
            )
            print(f"  {script.stem:<36} {cost['cpu']:8.2f} {size / cost['cpu']:8.2f}  {told}")


def _cut(corpus: Path, sample: Path, size: int) -> None:
    """The lines that both readers take, up to a size."""
    with corpus.open("rb") as source, sample.open("wb") as out:
        while out.tell() < size and (line := source.readline()):
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(row, dict) and row.get("messages"):
                out.write(line)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        main()
