"""A run in a process of its own, to be killed: python generate_process.py OUT ROWS BASE_URL KEYED."""

import sys
from dataclasses import replace
from pathlib import Path

from integration.generate.generating import ENVIRON, FAST, MODELS, desk

from crewboard.tools.generate.order import open_target
from crewboard.tools.generate.run import Order, carry_out
from crewboard.tools.providers.settings import ModelSettings


def main() -> None:
    out, rows, base_url, keyed = sys.argv[1:]
    settings = ModelSettings(base_url=base_url, idempotency=keyed == "keyed")
    target = open_target(MODELS["openai"], settings, ENVIRON)
    wanted = Order(desk(int(rows)), target, Path(out), 500_000_000, pace=replace(FAST, start=16))
    carry_out(wanted)


if __name__ == "__main__":
    main()
