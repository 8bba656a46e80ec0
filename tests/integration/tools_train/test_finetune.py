"""Real trainings of the embedded base, a few seconds each once torch is imported."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from crewboard.canonical import canonical_json
from crewboard.errors import (
    AdapterMismatch,
    BaseUnavailable,
    Cancelled,
    CrewboardError,
    InputsChanged,
    NotHeldOut,
    SelfCheckFailed,
    ToolFailed,
)
from crewboard.tools.contract import Outcome
from crewboard.tools.contract.bench import Bench
from crewboard.tools.contract.manifest import Produced, publish, tree_sha256
from crewboard.tools.evaluate.tool import EvaluateArguments, evaluate
from crewboard.tools.evaluate.tool import preflight as evaluate_preflight
from crewboard.tools.finetune.tool import FinetuneArguments, finetune
from crewboard.tools.finetune.tool import preflight as finetune_preflight
from crewboard.tools.jobs.job import Job
from crewboard.tools.jobs.process import Process

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("trl") is None, reason="needs the train extra"),
]

STEPS = 60
SETTINGS = {
    "max_steps": STEPS, "save_every": 10, "batch_size": 4, "max_length": 64, "rank": 4, "alpha": 8
}  # fmt: skip


def chat(question: str, answer: object) -> str:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns}) + "\n"


def sums(first: int, n: int) -> list[str]:
    return [
        chat(f"What is {i} plus {i % 7}?", f"It is {i + i % 7}.") for i in range(first, first + n)
    ]


@dataclass
class Crew(Bench):
    """A workbench whose progress can be listened to."""

    listen: Callable[[int], None] = field(default=lambda _done: None)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        super().progress(done, total, note)
        self.listen(done)

    @property
    def job(self) -> Job:
        return Job(self.job_folder("train"))


@dataclass(frozen=True)
class Golden:
    """A training that nothing disturbed."""

    root: Path
    crew: Crew
    outcome: Outcome

    def again(self, name: str) -> Crew:
        """A crew on the same data, with the job as this one left it."""
        crew = Crew(self.root, self.root / name)
        shutil.copytree(self.crew.job.folder, crew.job.folder, dirs_exist_ok=True)
        for own in ("job.json", "exit.json", "plan.json"):
            (crew.job.folder / own).unlink()
        return crew


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    root = tmp_path_factory.mktemp("workspace")
    odd = [
        json.dumps({"messages": [{"role": "user", "content": "Nobody answers."}]}) + "\n",
        chat("What is this?", [{"type": "text", "text": "A part."}]),
        chat("a long question " * 60, "It is cut away."),
        chat("Tell me more.", "more " * 90),
    ]
    (root / "train.jsonl").write_text("".join([*sums(0, 200), *odd]))
    (root / "test.jsonl").write_text("".join(sums(1000, 40)))
    crew = Crew(root, root / "golden")
    return Golden(root, crew, train(crew))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def train(crew: Crew) -> Outcome:
    arguments = FinetuneArguments(train="train.jsonl", **SETTINGS)
    finetune_preflight(arguments, crew)
    outcome = finetune.run(arguments, crew)
    assert isinstance(outcome, Outcome)
    return outcome


def adapter_of(crew: Crew) -> str:
    return tree_sha256(crew.out / "adapter")


def report_of(crew: Crew) -> dict[str, object]:
    report: dict[str, object] = json.loads((crew.job.folder / "result/report.json").read_text())[
        "run"
    ]
    return report


def test_a_training_leaves_an_adapter_a_base_and_a_log_that_falls(golden: Golden) -> None:
    """F11, F23: the artifact exists and opens, losses are finite, planned steps equal done steps."""
    log = lines_of(golden.crew.out / "log.jsonl")
    assert [entry["step"] for entry in log] == list(range(1, STEPS + 1))
    assert log[-1]["loss"] < log[0]["loss"] - 0.5
    measured = golden.outcome.measured
    assert measured["steps_planned"] == measured["steps_done"] == STEPS
    assert 0 < measured["supervised_share"] < 1
    assert {m.name for m in golden.outcome.made} == set(finetune.produces)


def test_every_row_of_a_training_is_accounted_for(golden: Golden) -> None:
    """F13, F27: dropped rows have a reason, cut rows are counted, lengths are in tokens."""
    rows = golden.outcome.rows
    assert rows is not None
    rows.check("finetune")
    assert (rows.rows_in, rows.rows_out) == (204, 201)
    assert dict(rows.dropped) == {
        "assistant text beyond max_length": 1,
        "content is not text": 1,
        "no assistant text": 1,
    }
    assert golden.outcome.measured["rows_truncated"] == 1
    assert golden.outcome.measured["longest_row_tokens"] > SETTINGS["max_length"]


def test_a_finished_training_is_found_and_not_paid_twice(golden: Golden) -> None:
    assert train(golden.crew).measured == golden.outcome.measured
    assert golden.crew.job.attempt == 1


def test_a_training_killed_midway_ends_with_the_same_bits(golden: Golden) -> None:
    """F10: resume restores weights, optimizer, random state and the place in the data."""
    crew = Crew(golden.root, golden.root / "killed")

    def kill(done: int) -> None:
        if done >= 25 and crew.job.attempt == 1:
            for name in ("supervisor", "command"):
                running = json.loads((crew.job.folder / "running.json").read_text())
                Process(**running[name]).signal(SIGKILL)

    crew.listen = kill
    outcome = train(crew)
    assert crew.job.attempt == 2
    assert int(str(report_of(crew)["resumed_from"])) >= 20
    assert adapter_of(crew) == adapter_of(golden.crew)
    assert outcome.measured == golden.outcome.measured
    assert (crew.out / "log.jsonl").read_text() == (golden.crew.out / "log.jsonl").read_text()


def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_it_used(golden: Golden) -> None:
    """A single flipped bit: trainers load it in silence."""
    crew = golden.again("damaged")
    shutil.rmtree(crew.job.folder / "result")
    weights = crew.job.folder / f"checkpoints/checkpoint-{STEPS}/adapter_model.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-100] ^= 1
    weights.write_bytes(damaged)
    outcome = train(crew)
    assert report_of(crew)["resumed_from"] == STEPS - 10
    assert report_of(crew)["quarantined"] == [f"bad-checkpoint-{STEPS}"]
    assert "1 damaged checkpoints set aside" in outcome.summary
    assert adapter_of(crew) == adapter_of(golden.crew)


def test_a_training_stopped_after_its_last_step_adds_no_step(golden: Golden) -> None:
    crew = golden.again("stopped")
    shutil.rmtree(crew.job.folder / "result")
    outcome = train(crew)
    assert outcome.measured == golden.outcome.measured
    assert adapter_of(crew) == adapter_of(golden.crew)


def test_changed_rows_are_refused_even_when_the_job_is_done(golden: Golden) -> None:
    """F25: a file regenerated under the same name is another file."""
    train_file = golden.root / "train.jsonl"
    original = train_file.read_text()
    train_file.write_text(original + chat("What is new?", "This row."))
    try:
        with pytest.raises(InputsChanged, match="data"):
            train(golden.crew)
    finally:
        train_file.write_text(original)


def test_cancelling_a_training_ends_its_process(golden: Golden) -> None:
    crew = Crew(golden.root, golden.root / "cancelled")

    def cancel(done: int) -> None:
        if done:
            raise Cancelled(what="finetune", actor="a human")

    crew.listen = cancel
    with pytest.raises(Cancelled):
        train(crew)
    running = json.loads((crew.job.folder / "running.json").read_text())
    assert not Process(**running["command"]).alive
    assert not crew.job.living
    assert not (crew.job.folder / "result").exists()


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        (0, SelfCheckFailed, "never sealed"),  # said that all is well, and left nothing
        (1, ToolFailed, "exit code 1"),
    ],
)
def test_neither_exit_code_nor_artifact_is_enough(
    golden: Golden, code: int, error: type[CrewboardError], told: str
) -> None:
    """F11, F17."""
    crew = golden.again(f"exit-{code}")
    folder = crew.job.folder
    module = "crewboard.tools.finetune.worker"
    command = [sys.executable, "-P", "-m", module, str(folder / "plan.json")]
    ended = {"code": code, "signal": None, "started": "", "ended": "", "attempt": 1}
    job = {"command": command, "cwd": str(folder), "attempt": 1}
    (folder / "job.json").write_text(canonical_json(job))
    (folder / "exit.json").write_text(canonical_json(ended))
    if code == 0:
        shutil.rmtree(folder / "result")
    with pytest.raises(error, match=told):
        train(crew)


def test_an_evaluation_is_paired_held_out_and_does_not_depend_on_the_batch(golden: Golden) -> None:
    """F23, F26: a baseline, n, an interval, and numbers bound to hashes and a seed."""
    published = publish_both(golden)
    found = [run_evaluation(golden, published, f"evaluation-{n}", n) for n in (1, 8)]
    one, eight = (json.loads((crew.out / "evaluation.json").read_text()) for crew in found)
    assert one["n"] == 40
    assert one["adapter_sha256"] == tree_sha256(golden.root / published["adapter"])
    assert one["base_sha256"] == tree_sha256(golden.root / published["base"])
    assert one["delta"] == pytest.approx(one["tuned"]["nll"] - one["base"]["nll"], abs=2e-6)
    assert one["ci95"][0] <= one["delta"] <= one["ci95"][1] < 0
    for number in ("base", "tuned"):
        assert one[number]["nll"] == pytest.approx(eight[number]["nll"], abs=1e-5)
    examples = lines_of(found[0].out / "examples.jsonl")
    assert sum(row["tokens"] for row in examples) == one["tokens"]
    total = sum(row["tokens"] * row["nll_tuned"] for row in examples)
    assert total / one["tokens"] == pytest.approx(one["tuned"]["nll"], abs=1e-5)


def test_an_adapter_is_refused_on_another_base_of_the_same_shape(golden: Golden) -> None:
    """F27: loading it would work, with the wrong numbers and without a word."""
    published = publish_both(golden)
    other = golden.root / "other-base"
    shutil.copytree(golden.root / published["base"], other)
    reseed = (
        "import json, sys; from pathlib import Path\n"
        "from transformers import AutoTokenizer\n"
        "from crewboard.tools.finetune.base import weights_sha256\n"
        "from crewboard.tools.finetune.tiny import _model\n"
        "folder = Path(sys.argv[1])\n"
        "_model(AutoTokenizer.from_pretrained(folder), 7).save_pretrained(folder)\n"
        "card = json.loads((folder / 'base.json').read_text())\n"
        "card['sha256'] = weights_sha256(folder)\n"
        "(folder / 'base.json').write_text(json.dumps(card))\n"
    )
    subprocess.run([sys.executable, "-c", reseed, str(other)], check=True, capture_output=True)
    with pytest.raises(AdapterMismatch, match="trained on base"):
        run_evaluation(golden, {**published, "base": "other-base"}, "mismatched", 8)


def test_an_evaluation_on_the_training_rows_is_refused(golden: Golden) -> None:
    published = publish_both(golden)
    arguments = EvaluateArguments(test="train.jsonl", **published)
    with pytest.raises(NotHeldOut):
        evaluate_preflight(arguments, Crew(golden.root, golden.root / "seen"))


def test_a_named_base_is_trained_and_evaluated_from_its_own_folder(golden: Golden) -> None:
    """F12: the base artifact names where the weights are, and with which hash."""
    crew = Crew(golden.root, golden.root / "named")
    named = publish_both(golden)["base"]
    arguments = FinetuneArguments(train="train.jsonl", base=named, **SETTINGS | {"max_steps": 5})
    finetune_preflight(arguments, crew)
    finetune.run(arguments, crew)
    assert [path.name for path in (crew.out / "base").iterdir()] == ["base.json"]
    artifacts = {
        name: str((crew.out / name).relative_to(crew.root)) for name in ("adapter", "base")
    }
    evaluated = run_evaluation(golden, artifacts, "named-evaluation", 8)
    assert json.loads((evaluated.out / "evaluation.json").read_text())["n"] == 40


def test_a_base_that_cannot_be_had_is_named_with_its_remedy(
    golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    crew = Crew(golden.root, golden.root / "absent")
    with pytest.raises(BaseUnavailable, match="nobody/nothing"):
        finetune.run(FinetuneArguments(train="train.jsonl", base="nobody/nothing"), crew)
    assert crew.job.ended is None  # set aside: the next call makes another attempt


def test_the_crews_process_never_imports_torch() -> None:
    code = (
        "import sys; import crewboard.tools.finetune.tool, crewboard.tools.evaluate.tool\n"
        "heavy = {'torch', 'transformers', 'trl', 'peft', 'datasets', 'numpy'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_worker_needs_nothing_that_the_train_extra_does_not_bring() -> None:
    code = (
        "import sys\n"
        "for name in ('pydantic', 'orjson', 'rich', 'langgraph'): sys.modules[name] = None\n"
        "import crewboard.tools.finetune.worker, crewboard.tools.evaluate.worker"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_private_hooks_that_sealing_stands_on_are_still_there() -> None:
    """A new trainer that no longer calls them would write unsealed checkpoints."""
    code = (
        "import inspect; from trl import SFTTrainer; from transformers import Trainer\n"
        "assert list(inspect.signature(SFTTrainer._save_checkpoint).parameters) "
        "== ['self', 'model', 'trial']\n"
        "assert list(inspect.signature(Trainer._get_output_dir).parameters) == ['self', 'trial']\n"
        "assert '_get_output_dir' in inspect.getsource(Trainer._save_checkpoint)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def publish_both(golden: Golden) -> dict[str, str]:
    """Adapter and base as artifacts, beneath the workspace; their paths."""
    copies = golden.root / "copies"
    if not copies.exists():
        shutil.copytree(golden.crew.out, copies)
        outcome = golden.outcome
        made = tuple(type(m)(m.name, copies / m.path.name, m.rows) for m in outcome.made)
        moved = Outcome(made, outcome.summary, outcome.rows, outcome.measured)
        publish(moved, Produced(finetune, {}, {}, 42), golden.root / "artifacts", golden.root)
    paths = {
        path.name.split(".")[0]: path
        for path in (golden.root / "artifacts").iterdir()
        if path.is_dir()
    }
    return {name: str(paths[name].relative_to(golden.root)) for name in ("adapter", "base")}


def run_evaluation(golden: Golden, artifacts: dict[str, str], name: str, batch_size: int) -> Crew:
    crew = Crew(golden.root, golden.root / name)
    arguments = EvaluateArguments(test="test.jsonl", batch_size=batch_size, **artifacts)
    evaluate_preflight(arguments, crew)
    outcome = evaluate.run(arguments, crew)
    assert outcome.rows is not None
    outcome.rows.check("evaluate")
    return crew
