"""One rule for each kind of instruction of IFEval (Zhou et al. 2023, table 1) that needs no model and no download.

Not here: `language:response_language` and the two `change_case:english_*`, which guess the language, and
`length_constraints:number_sentences` and `change_case:capital_word_frequency`, which need a sentence or word splitter
that is downloaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Arguments = Mapping[str, Any]
_RELATIONS = ("less than", "at least")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A rule.

    Attributes:
        holds: tells whether a reply follows the instruction with these arguments.
        needs: arguments that it cannot do without.
    """

    holds: Callable[[str, Arguments], bool]
    needs: tuple[str, ...] = ()


def check_arguments(name: str, arguments: Arguments) -> None:
    """Raise `ValueError` where an argument lacks or means nothing: a verifier that makes one up decides at random."""
    lacking = [key for key in VERIFIERS[name].needs if key not in arguments]
    if lacking:
        raise ValueError(f"{name} lacks {', '.join(lacking)}")
    for key, value in arguments.items():
        if key in ("relation", "let_relation") and value not in _RELATIONS:
            raise ValueError(f"{name}: {key} is {value!r}, and known are {', '.join(_RELATIONS)}")
        if key == "nth_paragraph" and int(value) < 1:
            raise ValueError(f"{name}: there is no paragraph {value}")
    try:
        VERIFIERS[name].holds("a", arguments)
    except (re.error, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name} cannot be verified with {dict(arguments)}: {error}") from None


def _compared(count: int, arguments: Arguments, key: str, relation: str = "relation") -> bool:
    wanted = int(arguments[key])
    return count < wanted if arguments[relation] == "less than" else count >= wanted


def _bullets(text: str, arguments: Arguments) -> bool:
    starred = re.findall(r"^\s*\*[^*].*$", text, re.MULTILINE)
    dashed = re.findall(r"^\s*-.*$", text, re.MULTILINE)
    return len(starred) + len(dashed) == int(arguments["num_bullets"])


def _highlights(text: str, arguments: Arguments) -> bool:
    single = [found for found in re.findall(r"\*[^\n*]*\*", text) if found.strip("*").strip()]
    double = [found for found in re.findall(r"\*\*[^\n*]*\*\*", text) if found[2:-2].strip()]
    return len(single) + len(double) >= int(arguments["num_highlights"])


def _sections(text: str, arguments: Arguments) -> bool:
    splitter = rf"\s?{arguments['section_spliter'].strip()}\s?\d+\s?"
    return len(re.split(splitter, text)) - 1 >= int(arguments["num_sections"])


def _paragraphs(text: str, arguments: Arguments) -> bool:
    parts = re.split(r"\s?\*\*\*\s?", text)
    empty = [index for index, part in enumerate(parts) if not part.strip()]
    if any(0 < index < len(parts) - 1 for index in empty):
        return False
    return len(parts) - len(empty) == int(arguments["num_paragraphs"])


def _first_word(text: str, arguments: Arguments) -> bool:
    parts = re.split(r"\n\n", text)
    filled = [part for part in parts if part.strip()]
    nth = int(arguments["nth_paragraph"])
    if nth > len(filled) or not parts[nth - 1].strip():
        return False
    word = parts[nth - 1].strip().split()[0].lstrip("'").lstrip('"')
    first = re.split(r"[.,?!'\"]", word)[0].lower()
    return len(filled) == int(arguments["num_paragraphs"]) and first == str(arguments["first_word"]).lower()


def _postscript(text: str, arguments: Arguments) -> bool:
    marker = str(arguments["postscript_marker"]).strip()
    known = {"P.P.S": r"\s*p\.\s?p\.\s?s.*$", "P.S.": r"\s*p\.\s?s\..*$"}
    return bool(re.search(known.get(marker, rf"\s*{marker.lower()}.*$"), text.lower(), re.MULTILINE))


def _json(text: str, _: Arguments) -> bool:
    text = text.strip()
    for fence in ("```json", "```Json", "```JSON", "```"):
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def _two_responses(text: str, _: Arguments) -> bool:
    parts = text.split("******")
    filled = [part.strip() for index, part in enumerate(parts) if part.strip() or 0 < index < len(parts) - 1]
    return len(filled) == 2 and all(filled) and filled[0] != filled[1]


def _count(pattern: str, text: str) -> int:
    return len(re.findall(pattern, text, re.IGNORECASE))


_CHOICES = ("My answer is yes.", "My answer is no.", "My answer is maybe.")

VERIFIERS: Mapping[str, Verifier] = {
    "keywords:existence": Verifier(
        lambda text, given: all(re.search(word, text, re.IGNORECASE) for word in given["keywords"]), ("keywords",)
    ),
    "keywords:forbidden_words": Verifier(
        lambda text, given: not any(re.search(rf"\b{w}\b", text, re.IGNORECASE) for w in given["forbidden_words"]),
        ("forbidden_words",),
    ),
    "keywords:frequency": Verifier(
        lambda text, given: _compared(_count(given["keyword"].strip(), text), given, "frequency"),
        ("keyword", "frequency", "relation"),
    ),
    "keywords:letter_frequency": Verifier(
        lambda text, given: _compared(
            text.lower().count(given["letter"].strip().lower()), given, "let_frequency", "let_relation"
        ),
        ("letter", "let_frequency", "let_relation"),
    ),
    "length_constraints:number_words": Verifier(
        lambda text, given: _compared(len(re.findall(r"\w+", text)), given, "num_words"), ("num_words", "relation")
    ),
    "length_constraints:number_paragraphs": Verifier(_paragraphs, ("num_paragraphs",)),
    "length_constraints:nth_paragraph_first_word": Verifier(
        _first_word, ("num_paragraphs", "nth_paragraph", "first_word")
    ),
    "detectable_content:number_placeholders": Verifier(
        lambda text, given: len(re.findall(r"\[.*?\]", text)) >= int(given["num_placeholders"]), ("num_placeholders",)
    ),
    "detectable_content:postscript": Verifier(_postscript, ("postscript_marker",)),
    "detectable_format:number_bullet_lists": Verifier(_bullets, ("num_bullets",)),
    "detectable_format:constrained_response": Verifier(lambda text, _: any(choice in text for choice in _CHOICES)),
    "detectable_format:number_highlighted_sections": Verifier(_highlights, ("num_highlights",)),
    "detectable_format:multiple_sections": Verifier(_sections, ("section_spliter", "num_sections")),
    "detectable_format:json_format": Verifier(_json),
    "detectable_format:title": Verifier(
        lambda text, _: any(found.lstrip("<").rstrip(">").strip() for found in re.findall(r"<<[^\n]+>>", text))
    ),
    "combination:two_responses": Verifier(_two_responses),
    "combination:repeat_prompt": Verifier(
        lambda text, given: text.strip().lower().startswith(given["prompt_to_repeat"].strip().lower()),
        ("prompt_to_repeat",),
    ),
    "startend:end_checker": Verifier(
        lambda text, given: text.strip().strip('"').lower().endswith(given["end_phrase"].strip().lower()),
        ("end_phrase",),
    ),
    "startend:quotation": Verifier(
        lambda text, _: len(text.strip()) > 1 and text.strip()[0] == text.strip()[-1] == '"'
    ),
    "punctuation:no_comma": Verifier(lambda text, _: "," not in text),
}
