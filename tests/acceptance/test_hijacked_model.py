"""Every model is treated as hijacked: whatever it answers, the crew does nothing that it may not.

The attacks are tried twice: with all defences in place no harm is done; with the one that an attack is
meant for switched off, it succeeds. So no defence is there for nothing, and no attack is harmless by
itself.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from acceptance.evil_attacks import ATTACKS, GUARDED
from acceptance.evil_defences import DEFENCES, LAYERED, Defence, Switch
from acceptance.evil_scene import PLANTED, SECRET, SECRET_NAME, Scene

from crewboard.pipelines import PIPELINES


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv(SECRET_NAME, SECRET)
    monkeypatch.setitem(PIPELINES, "guarded", GUARDED)
    return Scene.set_up(tmp_path)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_hijacked_model_does_no_harm(scene: Scene, attack: Callable[[Scene], None]) -> None:
    """F5, F18, F25, F29."""
    attack(scene)
    assert scene.harm() == set()
    assert PLANTED not in " ".join(scene.shown), "a model is told of counts, never of rows"


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda defence: defence.name)
def test_without_this_defence_its_attack_succeeds(
    scene: Scene, defence: Defence, monkeypatch: pytest.MonkeyPatch
) -> None:
    for switch in defence.off:
        switch(monkeypatch)
    defence.attack(scene)
    assert defence.harm in scene.harm()


@pytest.mark.parametrize(
    ("defence", "switch"),
    [pytest.param(d, s, id=f"{d.name}-{n}") for d in LAYERED for n, s in enumerate(d.off)],
)
def test_of_two_layers_one_is_enough(
    scene: Scene, defence: Defence, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(monkeypatch)
    defence.attack(scene)
    assert defence.harm not in scene.harm()


def test_every_attack_has_a_defence_that_is_named() -> None:
    """Those without one have nothing to switch off: there is no such tool, no such field, no such end."""
    unnamed = {each.__name__ for each in ATTACKS} - {each.attack.__name__ for each in DEFENCES}
    assert unnamed == {"answer_by_tool", "answer_by_message", "plan_for_ever"}
