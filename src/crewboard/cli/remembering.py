"""What `crewboard recall` does: finds, or gives what an agent would be given."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crewboard.cli.terminal import document, line, out, safe, talk

if TYPE_CHECKING:
    from crewboard.coordination.workspace import Workspace
    from crewboard.memory.recall import Hit, Recall


@dataclass(frozen=True)
class Asked:
    query: str
    limit: int
    tokens: int | None = None
    read_all: int = False


def answer(place: "Workspace", asked: Asked, *, as_json: bool) -> None:
    recall = open_recall(place)
    if asked.read_all:
        recall.embed(lambda done: talk(f"recall: {done:,} passages read with the model"))
    if asked.tokens is None:
        hits = recall.search(asked.query, asked.limit)
        _tell_hits(place, recall, asked.query, hits, as_json=as_json)
    else:
        _tell_given(recall, asked.query, asked.tokens, as_json=as_json)


def open_recall(place: "Workspace") -> "Recall":
    """The notes and MEMORY.md of a workspace, with the model that crewboard.toml names, if any."""
    from crewboard.coordination.settings import Settings
    from crewboard.memory.embed import LocalModel
    from crewboard.memory.longterm import NAME
    from crewboard.memory.recall import Recall

    model = Settings.load(place.config).recall.model
    embedder = LocalModel(place.root / model) if model else None
    index = place.state / "recall.sqlite3"
    return Recall(place.notes, index, beside=(place.root / NAME,), embedder=embedder)


def _tell_hits(
    place: "Workspace", recall: "Recall", query: str, hits: "tuple[Hit, ...]", *, as_json: bool
) -> None:
    looked = recall.coverage()
    if as_json:
        found = [_hit(each) for each in hits]
        document(
            {"query": query, "hits": found, "looked_at": asdict(looked), "warning": looked.warning}
        )
        return
    for hit in hits:
        out(f"{line(hit.path.relative_to(place.root))}:{hit.line}: {line(hit.text)}")
    if not hits:
        out("No note speaks of that.")
    if looked.warning:
        talk(f"recall: {looked.warning}")


def _tell_given(recall: "Recall", query: str, tokens: int, *, as_json: bool) -> None:
    from crewboard.memory.recollection import recollect

    given = recollect(recall, query, tokens)
    if as_json:
        told = {"text": given.text, "sources": list(given.sources), "tokens": given.tokens}
        document({"query": query, **told, "left_out": given.left_out, "warning": given.warning})
        return
    out(safe(given.text).removesuffix("\n") or "No note speaks of that.")
    if given.warning:
        talk(f"recall: {given.warning}")


def _hit(hit: "Hit") -> dict[str, Any]:
    return {
        "path": str(hit.path),
        "line": hit.line,
        "text": hit.text,
        "date": hit.day or None,
        "score": round(hit.score, 6),
    }
