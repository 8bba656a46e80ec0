"""What keeps the code readable after month three: short files and functions, errors that say what to do."""

import ast
import re
import string
from collections.abc import Iterator

import pytest
from source import Module, modules

FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 40, 5
EXCEPTIONS: dict[str, str] = {
    "pipelines/sft.py::sft": "a pipeline is a page that is read aloud: steps in a row, no logic",
}
"""What is longer or wider than allowed, with the reason: {"path::function": "why"}."""
ERRORS_ELSEWHERE: dict[str, str] = {
    "AnswerTooLong": "httpcore's own branch: the transport must see it as a read that failed",
    "Unusable": "never leaves its module",
    "Refused": "never leaves its module",
    "ReaderGone": "nobody is left to be told",
    "Unconvertible": "an outcome of one row, counted where it is met",
    "Unfit": "an outcome of one row, counted where it is met",
}
"""Exceptions that stand outside the tree, with the reason. A private one needs none."""
BESIDE_THE_TREE: dict[str, set[str]] = {}
"""Classes of the tree that are drawn beside their only user. A new one belongs into errors/."""
BROAD = {"Exception", "BaseException"}


def test_a_file_is_read_in_one_sitting() -> None:
    long = {m.path: m.text.count("\n") for m in modules()}
    assert {p: n for p, n in long.items() if n > FILE_LINES and p not in EXCEPTIONS} == {}


def test_a_function_fits_on_a_screen() -> None:
    long = {
        f"{module.path}::{function.name}": _length(function)
        for module in modules()
        for function in module.functions()
    }
    assert {p: n for p, n in long.items() if n > FUNCTION_LINES and p not in EXCEPTIONS} == {}


def test_a_function_takes_few_parameters() -> None:
    wide = {
        f"{module.path}::{function.name}": _parameters(function)
        for module in modules()
        for function in module.functions()
    }
    assert {p: n for p, n in wide.items() if n > PARAMETERS and p not in EXCEPTIONS} == {}


def test_no_error_is_swallowed() -> None:
    """F9: a loop that caught everything retried an unpaid bill for ever."""
    wrong = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and _does_nothing(node))
        or (isinstance(node, ast.Call) and _suppresses_everything(node))
    ]
    assert wrong == []


def test_an_exception_to_a_limit_is_argued_and_still_needed() -> None:
    known = {f"{m.path}::{f.name}" for m in modules() for f in m.functions()}
    known |= {module.path for module in modules()}
    assert {path: why for path, why in EXCEPTIONS.items() if path not in known or not why} == {}


def test_no_module_hides_behind_an_empty_word() -> None:
    empty = re.compile(r"(^|_)(utils?|helpers?|misc|common)($|_)|manager", re.IGNORECASE)
    names = [(m.path, m.name.split(".")[-1]) for m in modules()]
    names += [
        (m.path, node.name)
        for m in modules()
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ClassDef)
    ]
    assert [pair for pair in names if empty.search(pair[1])] == []


# ── the errors' tree ───────────────────────────────────────────────────────────────────────────


def _classes() -> Iterator[tuple[Module, ast.ClassDef]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                yield module, node


def _tree() -> dict[str, tuple[Module, ast.ClassDef]]:
    """Every class of the tree by its name, wherever it is defined."""
    found: dict[str, tuple[Module, ast.ClassDef]] = {}
    names = {"CrewboardError"}
    grew = True
    while grew:
        grew = False
        for module, node in _classes():
            bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
            if node.name not in found and (node.name in names or bases & names):
                found[node.name] = (module, node)
                names.add(node.name)
                grew = True
    return found


def test_every_exception_stands_in_the_tree_or_says_why_not() -> None:
    tree = _tree()
    outside = {
        node.name
        for _, node in _classes()
        if node.name not in tree
        and not node.name.startswith("_")
        and any(re.search(r"(Error|Exception)$", ast.unparse(base)) for base in node.bases)
    }
    assert outside - set(ERRORS_ELSEWHERE) == set()


def test_the_tree_is_drawn_in_one_place() -> None:
    """Beside the package `errors` stand modules that are named so themselves, and what is listed."""
    elsewhere = {
        f"{module.path}: {name}"
        for name, (module, _) in _tree().items()
        if "errors" not in module.name.split(".")[-2:]
        and name not in BESIDE_THE_TREE.get(module.path, set())
    }
    assert elsewhere == set()


@pytest.mark.parametrize("name", sorted(_tree()))
def test_an_error_says_what_happened_in_its_docstring(name: str) -> None:
    _, node = _tree()[name]
    assert ast.get_docstring(node), f"{name} would show as an empty line"


def test_whoever_raises_an_error_gives_every_fact_that_it_tells() -> None:
    """A message with a hole in it is found here, and not by the one who must act on it."""
    tree = _tree()
    wrong = []
    for module in modules():
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func).removeprefix("errors.")
            if name not in tree or module.name.startswith("crewboard.errors"):
                continue
            given = {keyword.arg for keyword in call.keywords}
            if call.args or (None not in given and (_told(tree[name][1]) - given)):
                missing = sorted(_told(tree[name][1]) - {g for g in given if g})
                wrong.append(f"{module.path}:{call.lineno} {name} lacks {missing}")
    assert wrong == []


def _told(node: ast.ClassDef) -> set[str]:
    text = ast.get_docstring(node) or ""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or bool(BROAD & set(re.findall(r"\w+", ast.unparse(caught))))


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return all(
        isinstance(node, ast.Pass | ast.Continue | ast.Break)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in handler.body
    )


def _suppresses_everything(call: ast.Call) -> bool:
    named = ast.unparse(call.func).split(".")[-1] == "suppress"
    return named and any(_is_broad(argument) for argument in call.args)
