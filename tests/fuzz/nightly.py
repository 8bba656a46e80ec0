"""Coverage-guided fuzzing of everything in `targets.py`, with atheris; for the night, and by hand.

    pip install atheris                                    # CPython 3.11 to 3.13 on Linux
    python tests/fuzz/nightly.py [--seconds 60] [--target jsonl ...] [--corpus .fuzz]

Each target runs in a process of its own. The corpus grows from night to night; an input that breaks something
is written beside it as `crash-*`, and the exit code is then 1. What was found becomes a row in
`test_fuzz_targets.py`.
"""

import argparse
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMORY_MB, INPUT_S = 2048, 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--target", nargs="*", help="all of them when left out")
    parser.add_argument("--corpus", type=Path, default=Path(".fuzz"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if find_spec("atheris") is None:
        sys.exit("atheris is not installed: pip install atheris (CPython 3.11 to 3.13 on Linux)")
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    if given.one:
        _fuzz(given.one, given.corpus, given.seconds)
    from fuzz.targets import TARGETS

    known = given.target or list(TARGETS)
    broke = [name for name in known if _began(name, given.corpus, given.seconds)]
    sys.exit(1 if broke else 0)


def _began(name: str, corpus: Path, seconds: int) -> bool:
    """Whether the target broke."""
    (corpus / name).mkdir(parents=True, exist_ok=True)
    words = ["--one", name, "--corpus", str(corpus), "--seconds", str(seconds)]
    done = subprocess.run(
        [sys.executable, __file__, *words], capture_output=True, text=True, check=False
    )
    tail = [*done.stdout.splitlines()[-20:], *done.stderr.splitlines()[-8:]]
    sys.stdout.write(f"{name}: {'broke' if done.returncode else 'held'}\n")
    if done.returncode:
        sys.stdout.write("\n".join(tail) + "\n")
    sys.stdout.flush()
    return bool(done.returncode)


def _fuzz(name: str, corpus: Path, seconds: int) -> None:
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["crewboard", "fuzz"]):
        from fuzz.targets import TARGETS
    from fuzz.seeds import seeds_of

    for number, seed in enumerate(seeds_of(name)):
        (corpus / name / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-timeout={INPUT_S}",
        f"-artifact_prefix={corpus / name}/crash-",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus / name)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
