"""How a list of functions is wrong that no misreading explains, the first that holds.

    code.extra                gives all the right calls in order, and other functions of the repository among them
    code.wrong_qualifier      gives the right names in another module or class, or without their module
    code.hallucinated_symbol  names a function that is nowhere in the repository
    code.wrong_hop            leaves the path: a function that does not run stands where one that runs should

A function that is defined inside a known one counts as known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from harness.reading import Answer, Rule

Functions = Callable[[], Collection[str]]


def rules_of(functions: Functions) -> tuple[Rule[Answer], ...]:
    """Return the rules, given what gives the folded names of all functions of the repository."""
    return (
        Rule("code.extra", lambda answer: _extra(answer, functions)),
        Rule("code.wrong_qualifier", lambda answer: _misplaced(answer, functions)),
        Rule("code.hallucinated_symbol", lambda answer: _invented(answer, functions)),
        Rule("code.wrong_hop", _off_the_path),
    )


def _short(name: str) -> str:
    return name.replace("/", ".").rpartition(".")[2]


def _shorts(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(_short, names)))


def _misplaced(answer: Answer, functions: Functions) -> str:
    """Hold where the last parts are the right ones, and some name stands in the wrong place."""
    given = next((name for name in answer.given if name not in answer.gold), "")
    if not given or _shorts(answer.given) != _shorts(answer.gold):
        return ""
    return f"{given} is {'another function' if given in functions() else 'no function'}"


def _invented(answer: Answer, functions: Functions) -> str:
    unknown = next((name for name in answer.given if not _known(name, functions())), "")
    return f"{unknown} is nowhere in the files" if unknown else ""


def _known(name: str, functions: Collection[str]) -> bool:
    """Tell whether a name is one of a function, or of one inside it."""
    return name in functions or name.rpartition(".")[0] in functions


def _extra(answer: Answer, functions: Functions) -> str:
    others = [name for name in answer.given if name not in answer.gold]
    if not others or not _within(answer.gold, answer.given) or not all(_known(name, functions()) for name in others):
        return ""
    return f"{others[0]} does not run"


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether one sequence stands in another, in its order."""
    rest = iter(whole)
    return all(name in rest for name in part)


def _off_the_path(answer: Answer) -> str:
    stray = next((name for name in answer.given if name not in answer.gold), "")
    return f"{stray} does not run" if stray else ""
