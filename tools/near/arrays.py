"""numpy, loaded where it is used."""

import os
from importlib.util import find_spec
from typing import Any

from crewboard.errors import ExtraMissing

_THREADS = "OPENBLAS_NUM_THREADS"


def load_numpy(what: str) -> Any:
    """Numpy without the threads of its linear algebra, which nobody here uses and which burn a second
    of CPU while they wait. ExtraMissing tells `what` needs it."""
    if find_spec("numpy") is None:
        raise ExtraMissing(what=what, package="numpy", extra="data")
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = before or "1"
    try:
        import numpy as np
    finally:
        if before is None:
            del os.environ[_THREADS]
    return np
