"""How much `pip install crewboard` installs: packages, megabytes, and what weighs most.

    .venv/bin/python benchmarks/install.py [EXTRA]

Makes a fresh virtual environment in a temporary folder and installs this checkout into it. The target for
the core is 60 packages and 120 MB; pip and setuptools are not counted.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOT_OURS = {"pip", "setuptools", "wheel", "_distutils_hack", "pkg_resources"}


def size(path: Path) -> float:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(p.stat().st_size for p in files) / 1e6


def main() -> None:
    extra = f"[{sys.argv[1]}]" if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as name:
        venv.create(name, with_pip=True)
        python = Path(name) / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, f"{ROOT}{extra}"], check=True, stderr=subprocess.DEVNULL)
        site = next((Path(name) / "lib").glob("python*")) / "site-packages"
        sizes = {p.name: size(p) for p in site.iterdir() if p.name.split("-")[0] not in NOT_OURS}
        packages = [p for p in site.glob("*.dist-info") if p.name.split("-")[0] not in NOT_OURS]
    print(f"crewboard{extra}: {len(packages)} packages, {sum(sizes.values()):.0f} MB")
    for each, megabytes in sorted(sizes.items(), key=lambda item: -item[1])[:10]:
        print(f"  {megabytes:6.1f} MB  {each}")


if __name__ == "__main__":
    main()
