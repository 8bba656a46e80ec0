"""The decisions as the board shows them: what waits, in the few places that its owner has, and what was
decided, in one line each."""

from collections.abc import Iterable, Iterator

from crewboard.clock import parse_stamp
from crewboard.coordination.board import Answered, DecisionCard, Evidence
from crewboard.coordination.deciding.inbox import Shown, shown
from crewboard.coordination.deciding.ticks import VOID, offered
from crewboard.coordination.decisions import Decision
from crewboard.coordination.views.books import Books


def decision_cards(books: Books, asked: Iterable[Decision]) -> Iterator[DecisionCard]:
    """A card for each decision that has a place; one that waits for a place has none yet."""
    found = list(asked)
    waiting = {each.id for each in books.open_decisions()}
    places = shown(each for each in found if each.id in waiting)
    for decision in found:
        if decision.id not in waiting:
            yield _card(books, Shown(decision))
        elif decision.id in places:
            yield _card(books, places[decision.id])


def _card(books: Books, place: Shown) -> DecisionCard:
    decision, held, said = place.decision, books.card_of(place.decision), place.decision.remark
    return DecisionCard(
        id=decision.id,
        question=decision.text,
        owner=decision.owner,
        options=offered(decision),
        asked_by=decision.asked_by,
        asked=parse_stamp(decision.asked),
        due=parse_stamp(decision.due) if decision.due else None,
        on_expiry=decision.on_expiry,
        decides=decision.decides or decision.kind,
        blocks=(held,) if held in books.tasks else (),
        evidence=tuple(_cited(each) for each in decision.evidence),
        answer=_answer(books, decision),
        needs=decision.needs,
        approvals=tuple(f"{vote.signature}: {vote.choice}" for vote in decision.votes),
        reminded=decision.reminded,
        says=said.says if said else "",
        command=said.command if said else "",
        void=said is not None and said.outcome in VOID,
        alike=place.alike,
        behind=place.behind,
    )


def _cited(text: str) -> Evidence:
    path, _, sha256 = text.partition(" sha256:")
    return Evidence(path, sha256)


def _answer(books: Books, decision: Decision) -> Answered | None:
    """The answer, or who took it back; for a question that nobody needs answered any more, that it was
    withdrawn."""
    if taken := decision.revoked:
        at = parse_stamp(taken.at)
        return Answered(decision.choice or "", taken.by, at, "", taken.note, revoked=True)
    if decision.choice and decision.decided:
        by, via = decision.decided_by or "", decision.via or ""
        at = parse_stamp(decision.decided)
        return Answered(decision.choice, by, at, via, decision.note or "")
    task = books.tasks.get(decision.task)
    if task is None or not task.ended:
        return None
    return Answered("withdrawn", "crew", parse_stamp(task.updated), "the end of its task")
