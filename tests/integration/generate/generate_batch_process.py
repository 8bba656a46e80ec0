"""Batches in a process of its own: python generate_batch_process.py OUT ROWS PROVIDER BASE_URL."""

import sys
from pathlib import Path

from integration.generate.generating import ENVIRON, MODELS, desk

from crewboard.tools.generate.order import open_target
from crewboard.tools.generate.run import Order, carry_out
from crewboard.tools.providers.settings import ModelSettings


def main() -> None:
    out, rows, provider, base_url = sys.argv[1:]
    target = open_target(MODELS[provider], ModelSettings(base_url=base_url), ENVIRON)
    wanted = Order(desk(int(rows)), target, Path(out), 500_000_000, batch=True, poll_s=0.05)
    carry_out(wanted)


if __name__ == "__main__":
    main()
