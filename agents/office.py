"""What every agent of a crew is given: the workspace, the ledger, the rules, the tools, the models."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crewboard.agents.models.breaker import Breaker, Guarded
from crewboard.agents.models.contract import Model
from crewboard.agents.models.registry import open_model
from crewboard.agents.models.retry import Patience, Patient
from crewboard.agents.models.rules import NAME as RULES
from crewboard.agents.models.rules import RulesModel
from crewboard.agents.models.settings import ModelSettings
from crewboard.agents.roles import Role, find_role, load_roles
from crewboard.coordination import tasks
from crewboard.coordination.effects import Journal
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.settings import Settings, micro
from crewboard.coordination.tasks import Task
from crewboard.coordination.verdicts import workspace_key
from crewboard.coordination.workspace import Workspace
from crewboard.errors import ConfigInvalid
from crewboard.tools.contract import Registry, installed_tools

_PATIENCE = Patience(attempts=3, base_s=0.5, cap_s=20, total_s=45, settle_s=5)
"""Within a turn. What takes longer is a pause of the task, so that the crew goes on with the rest."""


@dataclass(frozen=True)
class Office:
    """One for each crew. Everything in it may be used from every thread."""

    workspace: Workspace
    settings: Settings
    ledger: Ledger
    registry: Registry
    roles: Mapping[str, Role]
    rulebook: Rulebook
    key: bytes
    told: Callable[[str, int, int | None, str], None] = field(default=lambda *_: None)
    """Called with (task, done, total, note) while tools work."""
    _models: dict[str, Model] = field(default_factory=dict)
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, workspace: Workspace, **more: Any) -> "Office":
        settings = Settings.load(workspace.config)
        registry = installed_tools(settings.plugins.tools)
        roles = load_roles(settings, workspace.root, registry)
        ledger = workspace.ledger()
        key = workspace_key(workspace.state / "key")
        return cls(workspace, settings, ledger, registry, roles, settings.rulebook(), key, **more)

    def role(self, name: str) -> Role:
        return find_role(self.roles, name)

    def task(self, task_id: str) -> Task:
        with self.ledger.read() as tx:
            return tasks.get(tx, task_id)

    def goal_of(self, task: Task) -> Task:
        return task if task.id == task.goal else self.task(task.goal)

    def journal(self, task: Task) -> Journal:
        """The journal in which this task's agent writes its effects."""
        money = self.settings.budget
        return Journal(
            self.ledger, self.rulebook, task, task.role,
            day_ceiling=micro(money.day_usd),
            role_ceiling=self.role(task.role).cap,
            goal_ceiling=micro(money.goal_usd),
        )  # fmt: skip

    def sources(self, task: Task) -> Mapping[str, str]:
        """The files outside the workspace that the human named for the goal: path -> sha256."""
        found: Mapping[str, str] = self.goal_of(task).spec.get("sources", {})
        return found

    def model(self, task: Task) -> Model:
        """The model that thinks for this task: the goal's, else the workspace's."""
        name = self.goal_of(task).spec.get("model") or self.settings.crew.model
        with self._lock:
            if name not in self._models:
                self._models[name] = self._open(name)
            return self._models[name]

    def scratch(self, task: Task, name: str) -> Path:
        return self.workspace.state / "work" / f"{task.id}-{name}"

    def _open(self, name: str) -> Model:
        if name == RULES:  # nothing to guard, nothing to wait for
            return RulesModel()
        try:
            settings = ModelSettings(**self.settings.models)
        except TypeError as error:
            raise ConfigInvalid(path="crewboard.toml", where="models", reason=error) from None
        opened = open_model(name, settings, os.environ)
        breaker = self._breakers.setdefault(
            opened.provider, Breaker(opened.provider, self.ledger.clock)
        )
        return Patient(Guarded(opened, breaker), _PATIENCE)
