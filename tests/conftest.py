"""Random tests are the same in every run, unless CREWBOARD_FUZZ is set: then others, and more of them.

    CREWBOARD_FUZZ=1 pytest tests

asks each random test for twenty times its examples, from a new seed, and prints how to repeat a failure.
"""

import os

import pytest
from hypothesis import settings

_NIGHTLY, _TIMES = "CREWBOARD_FUZZ", 20

settings.register_profile("same", derandomize=True)
settings.register_profile("nightly", derandomize=False, print_blob=True)
settings.load_profile("nightly" if os.environ.get(_NIGHTLY) else "same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's own `max_examples` wins over any profile, so it is multiplied where it stands."""
    if not os.environ.get(_NIGHTLY):
        return
    seen = set()
    for item in items:
        function = getattr(item, "obj", None)
        function = getattr(function, "__func__", function)  # of a method
        told = getattr(function, "_hypothesis_internal_use_settings", None)
        if function is not None and told is not None and id(function) not in seen:
            seen.add(id(function))
            more = settings(told, max_examples=told.max_examples * _TIMES)
            function._hypothesis_internal_use_settings = more
