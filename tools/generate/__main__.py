"""Write word problems to a file: `python -m crewboard.tools.generate OUT --rows N --seed S`."""

import argparse
import sys
from pathlib import Path

from crewboard.canonical import canonical_json
from crewboard.tools.files.atomic import whole
from crewboard.tools.generate.planting import SOUND, Faults, word_problems


def main() -> None:
    parser = argparse.ArgumentParser(prog="crewboard.tools.generate", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--sound", action="store_true", help="plant no faults")
    asked = parser.parse_args()
    faults = SOUND if asked.sound else Faults()
    with whole(asked.out) as file:
        for line in word_problems(asked.rows, asked.seed, faults):
            file.write(line + b"\n")
    planted = canonical_json(faults.planned(asked.rows))
    sys.stdout.write(f"{asked.out}: {asked.rows} rows, planted {planted}\n")


if __name__ == "__main__":
    main()
