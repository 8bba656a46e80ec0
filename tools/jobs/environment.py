"""What a job may know of the crew's environment: paths, locale and threads, never a secret."""

from collections.abc import Mapping

_NAMES = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHASHSEED",
        "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "XDG_CACHE_HOME",
        "TOKENIZERS_PARALLELISM",
        "HF_HOME", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE",
        "HF_ENDPOINT", "TRANSFORMERS_OFFLINE",
    }
)  # fmt: skip
_PREFIXES = ("LC_", "OMP_", "MKL_", "OPENBLAS_", "CUDA_", "NVIDIA_", "NCCL_", "COVERAGE_")


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of `environment` that a job is given, and the mark that it runs for an agent.

    An allowlist: HF_TOKEN and API keys stay behind, so a gated model must be downloaded beforehand
    and named by its folder.
    """
    kept = {k: v for k, v in environment.items() if k in _NAMES or k.startswith(_PREFIXES)}
    return kept | {"CREWBOARD_AGENT": "1"}
