"""What would make a training fail, found before anything is started and without importing torch."""

from importlib.util import find_spec
from pathlib import Path

from crewboard.errors import ExtraMissing, MemoryShort, NothingToTrain
from crewboard.tools.files.atomic import require_space
from crewboard.tools.finetune.plan import TINY, Plan
from crewboard.tools.finetune.rows import read_chats

_MB = 1_000_000
_TINY_DISK, _DISK = 100 * _MB, 2_000 * _MB
_GROWTH = 2.5  # 16 bit on disk become 32 on a CPU; the rest is activations and optimizer
_EXTRA = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "safetensors")


def require_extra(tool: str) -> None:
    """ExtraMissing unless everything that the worker imports is installed."""
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise ExtraMissing(what=tool, package=", ".join(missing), extra="train")


def check_training(plan: Plan) -> None:
    """Rows that can be read and fill a batch, disk for checkpoints, memory for the base. How long
    the rows are in tokens only the worker can say; it stops before the first step when they do not
    fit."""
    rows = len(read_chats(Path(plan.data)))
    if rows < plan.batch_size:
        raise NothingToTrain(
            data=plan.data, rows_in=rows, rows=rows, needed=plan.batch_size, dropped="none dropped"
        )
    require_space(Path(plan.folder), _TINY_DISK if plan.base == TINY else _DISK)
    _check_memory(plan)


def _check_memory(plan: Plan) -> None:
    """A rough look, for a base on disk that a CPU will train; a GPU's memory is not asked for."""
    free = _free_memory()
    if not Path(plan.base).is_dir() or free is None or _has_gpu():
        return
    size = sum(path.stat().st_size for path in Path(plan.base).glob("*.safetensors"))
    if size * _GROWTH > free:
        needed = int(size * _GROWTH) // _MB
        raise MemoryShort(base=plan.base, needed=needed, free=free // _MB)


def _free_memory() -> int | None:
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    for line in meminfo.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None


def _has_gpu() -> bool:
    return any(Path("/dev").glob("nvidia[0-9]*"))
