"""A year of a crew's notes, made from a seed, with facts planted in it and a question for each.

Every day has 15 to 30 bullets of the same few hundred words that such crews write, and six that read
like a planted fact but tell of another subset, another deed or another reason: no two facts share all
three. How a fact's question is asked:

    inflected   the fact's own words in other forms and another order
    beside      the topic stands in the bullet before the fact only
    dated       common words and a day: an ISO date, "3 March", "yesterday", "last week"
    id          a card's id
    synonyms    other words but the topic's name; nothing that matches words can do this well
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

LAST_DAY = date(2026, 11, 20)
TODAY = date(2026, 11, 21)
_DAYS = 365
_DECOYS = 6
_PER_KIND = 60
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

_PLACES = (
    "Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper",
    "Kestrel", "Lagoon", "Maple", "Nimbus", "Orchard", "Prairie", "Quarry", "River", "Summit", "Tundra",
)  # fmt: skip
_KINDS = ["corpus", "mix", "subset", "split", "snapshot", "superset", "shard", "pilot"]
_ROLES = ["lead", "qa", "executor", "curator", "trainer"]
_WHAT = (
    ("rejected", "rejecting", "turned down"), ("merged", "merging", "combined"),
    ("delayed", "delaying", "put off"), ("rebuilt", "rebuilding", "made again"),
    ("shortened", "shortening", "cut down"), ("relabelled", "relabelling", "renamed the classes of"),
    ("exported", "exporting", "sent out"), ("filtered", "filtering", "cleaned"),
)  # fmt: skip
_WHY = (
    ("the speaker labels were swapped", "swapping of speaker labels", "who talks got mixed up"),
    ("half of the answers repeated the question", "answers repeating questions", "replies echo the prompt"),
    ("the licence forbids commercial use", "licences forbidding use", "terms do not allow selling"),
    ("the tokenizer split every umlaut", "splitting of umlauts", "accents broke apart"),
    ("the timestamps ran backwards", "timestamps running backwards", "clock values decreased"),
    ("the translator left English fragments", "fragments left by translators", "text is partly untranslated"),
    ("two annotators disagreed on refusals", "annotators disagreeing", "labelling was inconsistent"),
    ("the budget was used up on Tuesday", "using up the budget", "money ran out"),
    ("the loss exploded after a restart", "losses exploding on restarting", "training diverged on resume"),
    ("the disk filled during packing", "filling disks while packing", "no space was left"),
)  # fmt: skip
_FILLER = (
    "made {kind} rows, {n:,} rows of {m:,}: `data/{place}/{kind}.jsonl`",
    "audited the {place} {kind}: {p} duplicates, {q} empty answers",
    "trained {n} steps on the {place} {kind}, loss {loss}",
    "evaluated the {place} checkpoint at step {n}: accuracy {acc}",
    "asked ada whether the {kind} may be {past}",
    "paid {loss} USD for generating {n} rows",
    "waits for a decision on the {place} {kind}",
    "planned {p} steps for the {kind}: ingest, audit, filter, split, train",
    "accepted the {kind} of {place} after a second audit",
    "took the {kind} up again after a crash",
    "{past} the {kind} before the audit, as the plan says",
    "reminded everybody that the {kind} needs a seed and a manifest",
)


@dataclass(frozen=True)
class Question:
    kind: str
    text: str
    day: date
    line: int


@dataclass
class _Bullet:
    text: str
    card: str = ""
    fact: int | None = None


@dataclass(frozen=True)
class _Fact:
    kind: str
    day: int
    bullets: tuple[str, ...]
    question: str
    card: str


def write(folder: Path, seed: int = 42) -> list[Question]:
    """Write the year into `folder`; the questions, with the day and line that answer each."""
    draw = random.Random(seed)
    stories = _stories(draw)
    facts = [fact for kind in ("inflected", "beside", "dated", "id", "synonyms")
             for fact in _facts(draw, kind, stories)]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    questions: list[Question] = []
    for number in range(_DAYS):
        day = LAST_DAY - timedelta(days=_DAYS - 1 - number)
        bullets = [_Bullet(_filler(draw), _card(draw)) for _ in range(draw.randint(15, 30))]
        decoys = draw.sample(stories, _DECOYS)  # what is left of them: none is a fact
        bullets += [_Bullet(_told(*each), _card(draw)) for each in decoys]
        draw.shuffle(bullets)
        for n, fact in enumerate(facts):
            if fact.day == number:
                at = draw.randint(0, len(bullets))
                planted = [_Bullet(text, fact.card) for text in fact.bullets]
                planted[-1].fact = n
                bullets[at:at] = planted
        lines = [f"# {day.isoformat()}", ""]
        for minute, each in enumerate(bullets):
            at = f"{8 + minute // 6:02d}:{minute % 6 * 10:02d}Z"
            card = f" ^{each.card}" if each.card else ""
            lines.append(f"- {at} **{draw.choice(_ROLES)}**{card}: {each.text} <!-- e:{minute} -->")
            if each.fact is not None:
                told = facts[each.fact]
                questions.append(Question(told.kind, told.question, day, len(lines)))
        (folder / f"{day.isoformat()}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return questions


_Story = tuple[str, str, tuple[str, str, str], tuple[str, str, str]]


def _stories(draw: random.Random) -> list[_Story]:
    """Every subset with every deed and reason, in a random order."""
    found = [(p, k, what, why) for p in _PLACES for k in _KINDS for what in _WHAT for why in _WHY]
    draw.shuffle(found)
    return found


def _told(place: str, noun: str, what: tuple[str, str, str], why: tuple[str, str, str]) -> str:
    return f"{what[0]} the {place} {noun} because {why[0]}"


def _facts(draw: random.Random, kind: str, stories: list[_Story]) -> Iterator[_Fact]:
    for _ in range(_PER_KIND):
        place, noun, what, (why, why_other, why_synonym) = stories.pop()
        number, card = draw.randrange(_DAYS), _card(draw, always=True)
        day = LAST_DAY - timedelta(days=_DAYS - 1 - number)
        whole = f"{what[0]} the {place} {noun} because {why}"
        if kind == "inflected":
            yield _Fact(kind, number, (whole,), f"{why_other}: {what[1]} of {place}'s {noun}s?", "")
        elif kind == "beside":
            two = (f"began on the {place} {noun}", f"{what[0]} it because {why}")
            yield _Fact(kind, number, two, f"{place} {noun}: {why_other}?", "")
        elif kind == "dated":
            when, number = _when(draw, number, day)
            yield _Fact(
                kind,
                number,
                (f"{what[0]} the {noun} because {why}",),
                f"{what[0]} {noun} {when}",
                "",
            )
        elif kind == "id":
            yield _Fact(kind, number, (whole,), f"what became of ^{card}?", card)
        else:
            yield _Fact(kind, number, (whole,), f"was {place} {what[2]} since {why_synonym}?", "")


def _when(draw: random.Random, number: int, day: date) -> tuple[str, int]:
    """How a day is spoken of, and which day that is."""
    spoken = draw.choice(["iso", "named", "yesterday", "last week", "ago"])
    if spoken == "iso":
        return f"on {day.isoformat()}", number
    if spoken == "named":
        return f"on {day.day} {day:%B} {day.year}", number
    if spoken == "yesterday":
        return "yesterday", _DAYS - 1
    if spoken == "last week":
        monday = TODAY - timedelta(days=TODAY.weekday() + 7)
        return "last week", _number(monday + timedelta(days=draw.randrange(7)))
    back = draw.randint(2, 40)
    return f"{back} days ago", _number(TODAY - timedelta(days=back))


def _number(day: date) -> int:
    return _DAYS - 1 - (LAST_DAY - day).days


def _card(draw: random.Random, *, always: bool = False) -> str:
    named = always or draw.random() < 0.6
    return "t" + "".join(draw.choices(_CROCKFORD, k=5)) if named else ""


def _filler(draw: random.Random) -> str:
    return draw.choice(_FILLER).format(
        place=draw.choice(_PLACES), kind=draw.choice(_KINDS), past=draw.choice(_WHAT)[0],
        n=draw.randint(100, 9_999), m=draw.randint(10_000, 99_999), p=draw.randint(3, 60),
        q=draw.randint(0, 40), loss=f"{draw.uniform(0.2, 3):.2f}", acc=f"{draw.uniform(0.2, 0.9):.3f}",
    )  # fmt: skip
