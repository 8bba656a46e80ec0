"""Known faults in known numbers: what an audit must find, and what it must not find besides."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from random import Random

import orjson

from crewboard.tools.generate.problems import Problem, problems

_FILLER = (
    "It was a long day, and there was a good deal to talk about on the way.",
    "The weather had been fine since the morning, and everybody was out of doors.",
    "None of this changes the sum, but it was told at length all the same.",
    "Somebody had brought a kettle, somebody else the cups, and a third the chairs.",
    "They spoke of last year, of the year before, and of the years still to come.",
)
_FILLER_WORDS = 430
_REAL_DOMAINS = ("fernhollow-post.net", "quay-and-lantern.org", "ninth-street-letters.com")
_RESERVED_DOMAINS = ("example.com", "example.org", "mail.example.net")
_BLANKS = ("", " ", "\n", None)


@dataclass(frozen=True)
class Faults:
    """The share of all rows that bears each fault. A row bears one at most."""

    duplicates: float = 0.02
    empty_answers: float = 0.01
    over_long: float = 0.005
    malformed: float = 0.003
    emails: float = 0.006
    reserved_emails: float = 0.006
    placeholders: float = 0.004

    def __post_init__(self) -> None:
        shares = asdict(self).values()
        if min(shares) < 0 or sum(shares) > 1 / 2:
            raise ValueError("shares of faults lie above 0 and leave half of the rows sound")

    def planned(self, rows: int) -> dict[str, int]:
        """How many rows bear each fault, under the name by which the audit reports it."""
        shares = {
            "duplicate": self.duplicates,
            "empty-content": self.empty_answers,
            "over-long": self.over_long,
            "malformed-json": self.malformed,
            "email": self.emails,
            "email-placeholder": self.reserved_emails,
            "placeholder-text": self.placeholders,
        }
        return {rule: round(share * rows) for rule, share in shares.items()}


SOUND = Faults(0, 0, 0, 0, 0, 0, 0)


@dataclass
class _Writer:
    random: Random
    sound: list[bytes] = field(default_factory=list)

    def line(self, fault: str, problem: Problem) -> bytes:
        if not fault:
            self.sound.append(_row(problem.question, problem.answer))
            return self.sound[-1]
        if fault == "duplicate":
            return self.random.choice(self.sound)
        if fault == "malformed-json":
            row = _row(problem.question, problem.answer)
            return row[: self.random.randrange(len(row) // 2, len(row) - 1)]
        return _row(*self._spoiled(fault, problem))

    def _spoiled(self, fault: str, problem: Problem) -> tuple[str, str | None]:
        question, answer = problem.question, problem.answer
        match fault:
            case "empty-content":
                return question, self.random.choice(_BLANKS)
            case "over-long":
                return f"{self._story()} {question}", answer
            case "placeholder-text":
                return question, f"{answer}\nTODO: check with {{{{teacher}}}}"
            case _:
                return f"{question} Write to {self._address(fault)}.", answer

    def _story(self) -> str:
        told: list[str] = []
        while sum(len(sentence.split()) for sentence in told) < _FILLER_WORDS:
            told.append(self.random.choice(_FILLER))
        return " ".join(told)

    def _address(self, fault: str) -> str:
        domains = _REAL_DOMAINS if fault == "email" else _RESERVED_DOMAINS
        return f"box{self.random.randint(10, 9999)}@{self.random.choice(domains)}"


def word_problems(rows: int, seed: int, faults: Faults = SOUND) -> Iterator[bytes]:
    """Yield JSON lines {"question", "answer", "synthetic": true}, without line ends.

    They are sound unless `faults` says otherwise; the first one always is.
    """
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    writer = _Writer(random)
    marks = _marks(rows, faults.planned(rows), random)
    for fault, problem in zip(marks, islice(problems(seed), rows), strict=True):
        yield writer.line(fault, problem)


def _marks(rows: int, planned: Mapping[str, int], random: Random) -> list[str]:
    """Return the fault of each row, "" for none, in a seeded order that begins with a sound row."""
    marks = [fault for fault, count in planned.items() for _ in range(count)]
    marks += [""] * (rows - 1 - len(marks))
    random.shuffle(marks)
    return ["", *marks]


def _row(question: str, answer: str | None) -> bytes:
    return orjson.dumps({"question": question, "answer": answer, "synthetic": True})
