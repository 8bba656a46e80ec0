"""What was decided and what waits, told to people or as JSON: the lists of `crewboard decisions`."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crewboard.cli import account, facts
from crewboard.cli.terminal import document, line, out, table
from crewboard.coordination import decisions
from crewboard.coordination.deciding import habits, standing
from crewboard.coordination.decisions import Decision

if TYPE_CHECKING:
    from crewboard.coordination.deciding.revocation import Revoked
    from crewboard.coordination.deciding.standing import Standing
    from crewboard.coordination.workspace import Workspace


def of_decision(decision: Decision) -> facts.Facts:
    """All of it: with its approvals, what was said of the last tick, and whether it was taken back."""
    return {
        **facts.of_decision(decision),
        "decides": decision.decides,
        "needs": decision.needs,
        "approvals": [
            {"by": v.by, "on_behalf": v.on_behalf or None, "choice": v.choice, "note": v.note}
            for v in decision.votes
        ],
        "remark": asdict(decision.remark) if decision.remark else None,
        "revoked": asdict(decision.revoked) if decision.revoked else None,
    }


def tell(place: "Workspace", *, everything: bool, as_json: bool) -> None:
    with place.ledger().read() as tx:
        found = decisions.everything(tx) if everything else facts.open_decisions(tx)
    told = [of_decision(each) for each in found]
    if as_json:
        document({"decisions": told})
        return
    for each in told:
        if each["state"] in {"open", "overdue"}:
            account.tell_decision(each)
            _tell_progress(each)
        else:
            _tell_answered(each)
    if not told:
        out("No decision waits.")


def tell_standing(place: "Workspace", *, as_json: bool) -> None:
    with place.ledger().read() as tx:
        now, kept = tx.at, standing.everything(tx)
        used = {each.decision: len(tx.run("answers_of_rule", rule=each.rule)) for each in kept}
    if as_json:
        told = [{**asdict(s), "alive": s.alive(now), "used": used[s.decision]} for s in kept]
        document({"standing": told})
        return
    rows = [
        (s.decision, s.kind, s.choice, s.given_by, _life(s, now), used[s.decision]) for s in kept
    ]
    table(rows, ("decision", "kind", "choice", "by", "until", "used"))
    if not kept:
        out("Nothing was answered for always.")


def tell_stats(place: "Workspace", *, as_json: bool) -> None:
    from crewboard.coordination.settings import Settings

    rulebook = Settings.load(place.config).rulebook()
    with place.ledger().read() as tx:
        found = habits.habits(decisions.everything(tx), rulebook)
    if as_json:
        document({"stats": [{**asdict(h), "approval_rate": h.approval_rate} for h in found]})
        return
    rows = [
        (
            h.kind,
            h.asked,
            h.waiting,
            h.by_humans,
            h.by_rules,
            _share(h.approval_rate),
            _time(h.seconds),
        )
        for h in found
    ]
    table(rows, ("kind", "asked", "wait", "by humans", "by rules", "approved", "median time"))
    for habit in found:
        if habit.rule:
            out(
                f"\nYou nearly always answer {line(habit.kind)} the same. As a rule in crewboard.toml:\n"
            )
            out(habit.rule)
    if not found:
        out("Nothing was asked yet.")


def tell_revoked(found: "Revoked") -> None:
    decision = found.decision
    if decision.waiting:
        out(
            f"{decision.id}: your approval is withdrawn; it waits, {len(decision.votes)} of {decision.needs}"
        )
        return
    out(f"{decision.id}: the answer {line(decision.choice)} is revoked")
    if found.closed:
        out(f"{found.closed} unused permission(s) closed")
    if found.reopened:
        out(f"asked anew as {found.reopened.id}: crewboard decisions")
    if found.compensation:
        done = ", ".join(found.done)
        out(f"{done} had used it already: {found.compensation.id} asks what becomes of that")
    elif not found.reopened:
        out("nothing that has not ended depended on it")


def tell_ended(decision: Decision) -> None:
    out(f"{decision.id}: no longer answered for always; what it has answered stays answered")


def _tell_progress(told: facts.Facts) -> None:
    if told["needs"] > 1:
        by = ", ".join(f"{line(each['by'])}: {line(each['choice'])}" for each in told["approvals"])
        out(f"             needs {told['needs']} approvals, has {len(told['approvals'])}"
            f"{f' ({by})' if by else ''}")  # fmt: skip
    if told["remark"]:
        out(
            f"             {line(told['remark']['says'])} {line(told['remark']['command'])}".rstrip()
        )


def _tell_answered(told: dict[str, Any]) -> None:
    if told["choice"] is None:
        out(f"  {line(told['state']):<10} {told['id']}: {line(told['question'])}")
        return
    out(
        f"  {'revoked' if told['revoked'] else 'answered':<10} {told['id']}: {line(told['question'])}"
    )
    note = f" ({line(told['note'])})" if told["note"] else ""
    who = f"{line(told['decided_by'])}, via {told['via']}, {told['decided']}"
    out(f"             {line(told['choice'])}{note}: {who}")
    if taken := told["revoked"]:
        out(f"             revoked by {line(taken['by'])}, {taken['at']}: {line(taken['note'])}")


def _life(kept: "Standing", now: str) -> str:
    if kept.ended:
        return f"ended {kept.ended.at}"
    return kept.until if kept.alive(now) else f"expired {kept.until}"


def _share(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.0%}"


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else str(timedelta(seconds=round(seconds)))
