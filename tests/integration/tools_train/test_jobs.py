import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crewboard.errors import ArgumentsInvalid, Cancelled, JobConflict, JobVanished
from crewboard.tools.jobs.failure import told_failure
from crewboard.tools.jobs.job import Found, Job
from crewboard.tools.jobs.process import Process, birth
from crewboard.tools.jobs.progress import Progress

ENV = dict(os.environ)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def counting(folder: Path, then: str) -> list[str]:
    """A command that leaves a mark each time it is run, and then does `then`."""
    mark = f"open({str(folder / 'runs')!r}, 'a').write('x')"
    return python(f"import os, sys, time, signal, pathlib; {mark}\n{then}")


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text())


def until(condition: Callable[[], object]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came about")


def waiting_for(file: Path) -> str:
    return f"while not pathlib.Path({str(file)!r}).exists(): time.sleep(.02)"


def silent(_progress: Progress) -> None: ...


def test_a_job_runs_once_however_often_it_is_started(tmp_path: Path) -> None:
    job, command = Job(tmp_path / "job"), counting(tmp_path, "print('done')")
    assert job.start_or_attach(command, ENV) == Found.STARTED
    ended = job.wait(silent)
    assert (ended.ok, ended.code, ended.signal, ended.attempt) == (True, 0, None, 1)
    assert Job(tmp_path / "job").start_or_attach(command, ENV) == Found.ENDED
    assert job.wait(silent) == ended
    assert runs(tmp_path) == 1
    assert job.log_tail() == "done"


@pytest.mark.parametrize(
    ("then", "code", "killer", "told"),
    [
        ("sys.exit(3)", 3, None, "exit code 3"),
        ("raise SystemError('broken')", 1, None, "exit code 1"),
        ("os.kill(os.getpid(), signal.SIGKILL)", None, 9, "killed by SIGKILL"),
    ],
)
def test_how_a_command_ended_is_recorded_as_it_was(
    tmp_path: Path, then: str, code: int | None, killer: int | None, told: str
) -> None:
    """F17: the status is the recorded exit code, whatever the log says."""
    job = Job(tmp_path / "job")
    ended = job.run(
        counting(tmp_path, f"print('all jobs completed', flush=True)\n{then}"), ENV, silent
    )
    assert (ended.ok, ended.code, ended.signal, str(ended)) == (False, code, killer, told)


def test_a_command_that_does_not_exist_ends_with_127(tmp_path: Path) -> None:
    job = Job(tmp_path / "job")
    assert job.run([str(tmp_path / "nowhere")], ENV, silent).code == 127
    assert "nowhere" in job.log_tail()


def test_a_second_starter_finds_the_living_job(tmp_path: Path) -> None:
    job = Job(tmp_path / "job")
    command = counting(tmp_path, waiting_for(tmp_path / "go"))
    assert job.start_or_attach(command, ENV) == Found.STARTED
    assert Job(tmp_path / "job").start_or_attach(command, ENV) == Found.LIVING
    assert job.living
    (tmp_path / "go").touch()
    assert job.wait(silent).ok
    assert runs(tmp_path) == 1


def test_a_job_outlives_the_crew_that_was_killed(tmp_path: Path) -> None:
    """F10: a run does not end because the shell or the crew that started it is gone."""
    command = counting(tmp_path, waiting_for(tmp_path / "go"))
    crew = subprocess.Popen(
        python(
            "import os; from pathlib import Path; from crewboard.tools.jobs.job import Job\n"
            f"Job(Path({str(tmp_path / 'job')!r})).run({command!r}, os.environ, lambda p: None)"
        ),
        start_new_session=True,
    )
    until((tmp_path / "runs").exists)
    os.killpg(crew.pid, signal.SIGKILL)
    crew.wait()
    job = Job(tmp_path / "job")
    assert job.start_or_attach(command, ENV) == Found.LIVING
    (tmp_path / "go").touch()
    assert job.wait(silent).ok
    assert runs(tmp_path) == 1


def test_while_the_command_lives_no_second_one_starts_even_without_a_supervisor(
    tmp_path: Path,
) -> None:
    job = Job(tmp_path / "job")
    command = counting(tmp_path, waiting_for(tmp_path / "go"))
    job.start_or_attach(command, ENV)
    os.kill(process(job, "supervisor").pid, signal.SIGKILL)
    until(lambda: not process(job, "supervisor").alive)
    assert job.start_or_attach(command, ENV) == Found.LIVING
    (tmp_path / "go").touch()
    with pytest.raises(JobVanished, match="attempt 1"):
        job.wait(silent)
    assert runs(tmp_path) == 1


def test_a_job_that_vanished_is_started_again(tmp_path: Path) -> None:
    """The first attempt loses supervisor and command; the second one ends well."""
    job = Job(tmp_path / "job")
    command = counting(tmp_path, waiting_for(tmp_path / "go"))

    def kill_both(_progress: Progress) -> None:
        if not (tmp_path / "go").exists():
            until((tmp_path / "runs").exists)
            kill(job)
        (tmp_path / "go").touch()

    ended = job.run(command, ENV, kill_both)
    assert (ended.ok, ended.attempt, runs(tmp_path)) == (True, 2, 2)


def test_a_retired_end_makes_room_for_another_attempt(tmp_path: Path) -> None:
    job, command = Job(tmp_path / "job"), counting(tmp_path, "sys.exit(1)")
    assert job.run(command, ENV, silent).attempt == 1
    job.retire()
    assert job.run(command, ENV, silent).attempt == 2
    assert json.loads((job.folder / "exit.1.json").read_text())["code"] == 1


def test_cancelling_ends_the_whole_process_group(tmp_path: Path) -> None:
    """F16: `cancelled` is an end like any other, and polling stops."""
    job = Job(tmp_path / "job")
    child = tmp_path / "child"
    job.start_or_attach(spawning(child), ENV)
    until(child.exists)
    grandchild = Process.at(int(child.read_text()))

    def cancel(_progress: Progress) -> None:
        raise Cancelled(what="training", actor="a human")

    with pytest.raises(Cancelled):
        job.wait(cancel)
    until(lambda: not grandchild.alive)
    assert job.ended is not None
    assert job.ended.signal == signal.SIGTERM
    assert job.start_or_attach(spawning(child), ENV) == Found.ENDED


def test_cancelling_reaches_a_command_whose_supervisor_was_killed(tmp_path: Path) -> None:
    job = Job(tmp_path / "job")
    job.start_or_attach(counting(tmp_path, "time.sleep(600)"), ENV)
    command = process(job, "command")
    os.kill(process(job, "supervisor").pid, signal.SIGKILL)
    job.cancel()
    assert not command.alive
    assert job.ended is not None
    assert not job.ended.ok


def test_what_a_command_leaves_in_its_group_ends_with_it(tmp_path: Path) -> None:
    job, child = Job(tmp_path / "job"), tmp_path / "child"
    assert job.run(spawning(child, stay=False), ENV, silent).ok
    left = Process.at(int(child.read_text()))
    until(lambda: not left.alive)


def test_a_recycled_pid_is_not_mistaken_for_the_job() -> None:
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    Process(bystander.pid, "born long ago").signal_group(signal.SIGKILL)
    Process(bystander.pid, "born long ago").signal(signal.SIGKILL)
    assert bystander.poll() is None
    Process.at(bystander.pid).signal(signal.SIGKILL)
    assert bystander.wait() == -signal.SIGKILL
    assert birth(bystander.pid) is None


def test_a_folder_that_knows_another_command_refuses(tmp_path: Path) -> None:
    job = Job(tmp_path / "job")
    job.run(python("pass"), ENV, silent)
    with pytest.raises(JobConflict):
        job.start_or_attach(python("print()"), ENV)


def test_a_job_never_sees_a_secret(tmp_path: Path) -> None:
    """F29."""
    job = Job(tmp_path / "job")
    secrets = {"OPENAI_API_KEY": "sk-1", "HF_TOKEN": "hf_1", "AWS_SECRET_ACCESS_KEY": "x"}
    show = "import os, json; print(json.dumps(dict(os.environ)))"
    job.run(python(show), {**ENV, **secrets, "OMP_NUM_THREADS": "1"}, silent)
    seen = json.loads(job.log_tail())
    assert not secrets.keys() & seen.keys()
    assert seen["OMP_NUM_THREADS"] == seen["CREWBOARD_AGENT"] == "1"
    assert not any("sk-1" in f.read_text() for f in job.folder.iterdir())


def test_progress_reaches_the_waiting_owner(tmp_path: Path) -> None:
    job, heard = Job(tmp_path / "job"), list[Progress]()
    told = json.dumps({"done": 3, "total": 9, "note": "loss 1.5"})
    tell = f"pathlib.Path('new').write_text({told!r}); os.replace('new', 'progress.json')"
    job.start_or_attach(counting(tmp_path, f"{tell}\n{waiting_for(tmp_path / 'go')}"), ENV)

    def hear(progress: Progress) -> None:
        heard.append(progress)
        if progress.done == 3:
            (tmp_path / "go").touch()

    job.wait(hear)
    assert heard[-1] == Progress(3, 9, "loss 1.5")


def test_a_typed_error_crosses_the_process(tmp_path: Path) -> None:
    job = Job(tmp_path / "job")
    ended = job.run(
        python(
            "from pathlib import Path; from crewboard.errors import ArgumentsInvalid\n"
            "from crewboard.tools.jobs.failure import telling\n"
            "def work(): raise ArgumentsInvalid(tool='finetune', reason='so')\n"
            "telling(Path('.'), work)"
        ),
        ENV,
        silent,
    )
    failure = told_failure(job.folder)
    assert isinstance(failure, ArgumentsInvalid)
    assert str(failure) in job.log_tail()
    assert ended.code == ArgumentsInvalid.exit_code


def process(job: Job, name: str) -> Process:
    return Process(**json.loads((job.folder / "running.json").read_text())[name])


def kill(job: Job) -> None:
    for name in ("supervisor", "command"):
        process(job, name).signal(signal.SIGKILL)
        until(lambda name=name: not process(job, name).alive)  # type: ignore[misc]


def spawning(child: Path, *, stay: bool = True) -> list[str]:
    """A command with a child of its own, whose pid it writes into `child`."""
    return python(
        "import subprocess, os, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(child)!r} + '.new', 'w').write(str(child.pid))\n"
        f"os.rename({str(child)!r} + '.new', {str(child)!r})\n"
        + ("time.sleep(600)" if stay else "os._exit(0)")
    )
