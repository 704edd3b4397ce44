"""InfiniteBench: twelve tasks beyond 100k tokens, each with a metric of its own."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from .preset import Preset, Row, first_of, listed

SOURCE = "xinrongzhang2022/InfiniteBench, one split a task: id, context, input, answer (list), options (list)"
LETTERS = "ABCD"
LONGEST = 1000
"""Digits from which a number is none of the right ones; Python refuses to read very long ones."""
FLAWS = {
    "math_calc": "the first number of GPT-4's replies, and of no other model's, is dropped there; here of none",
    "longbook_choice_eng": (
        "a reply that begins with A to D is read as that letter, ANSWER: B as A; else the first one alone counts"
    ),
    "math_find": "nearly guessable: the largest of 60,000 numbers below 100",
    "code_debug": "a mark such as 'is:' anywhere decides what is read",
}
_PUNCTUATION = str.maketrans(dict.fromkeys("\n:\"'.,?!{}", " "))
_CODE_RUN = str.maketrans(dict.fromkeys("\n.`'\":", " "))


def adapt(row: Row) -> Row:
    """Make lists of answers and options; a choice gets its letter, by its place among the options."""
    answers, options = listed(first_of(row, "answer", "label")), listed(row.get("options") or [])
    options = [str(option) for option in options]
    letters = [LETTERS[options.index(str(each))] for each in answers if str(each) in options[: len(LETTERS)]]
    shown = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
    if options and not letters:
        raise ValueError("no answer is among its options")
    return {**row, "answers": answers, "choices": shown, "letter": letters[0] if letters else ""}


def _first_int(row: Row, text: str) -> float:
    found = re.search("[0-9]+", text)
    return float(found is not None and found[0] == str(row["answers"][0]))


def _first_number(row: Row, text: str) -> float:
    found = re.search(r"\d+\.\d+|\d+", text)
    return float(found is not None and float(found[0]) == float(row["answers"][0]))


def _word(row: Row, text: str) -> float:
    return float(str(row["answers"][0]) in text.translate(_PUNCTUATION).split())


def _name(row: Row, text: str) -> float:
    return float(str(row["answers"][0]) in text.translate(_PUNCTUATION).upper().split())


def _last_int(row: Row, text: str) -> float:
    words = text.strip().translate(_CODE_RUN).split()
    try:
        return float(bool(words) and int(words[-1]) == int(row["answers"][0]))
    except ValueError:
        return 0.0


def _prefix(row: Row, text: str) -> float:
    right = [int(each) for each in row["answers"]]
    given = [int(each) if len(each) < LONGEST else None for each in re.findall("[0-9]+", text)]
    same = 0
    while same < min(len(given), len(right)) and given[same] == right[same]:
        same += 1
    return same / len(right)


def _choice(row: Row, text: str) -> float:
    letter = row["letter"]
    if text[:1] and text[0] in LETTERS:
        return float(text[0] == letter)
    plain = " ".join(re.sub(r"[\n\"'.,?!{}]", " ", text).split(" "))
    plain = re.sub(" +", " ", plain)
    for mark in ("answer is:", "answer:", "answer is", "option is"):
        at = plain.find(mark)
        if at >= 0:
            return float(plain[at + len(mark) + 1 :].startswith(letter))
    word = next((word for word in plain.split() if word in LETTERS), "")
    return float(word == letter and bool(word))


def _bug(row: Row, text: str) -> float:
    letter, function = row["letter"], str(row["answers"][0])
    if text[:2] in (f"{letter}.", f"{letter}:"):
        return 1.0
    plain = re.sub(r"[\n`'\"\-*]|Option|option", " ", text.strip())
    plain = re.sub(" +", " ", plain)
    for mark in ("answer is:", "is:", "answer:"):
        at = plain.find(mark)
        if at >= 0:
            return float(plain[at + len(mark) + 1 :].startswith((letter, function)))
    return 0.0


def _words(text: str) -> list[str]:
    bare = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def _token_f1(row: Row, text: str) -> float:
    given, best = _words(text), 0.0
    for answer in row["answers"]:
        right = _words(str(answer))
        hits = (Counter(given) & Counter(right)).total()
        best = max(best, 2 * hits / (len(given) + len(right)) if hits else 0.0)
    return best


def _char_f1(row: Row, text: str) -> float:
    given, best = Counter(_characters(text)), 0.0
    for answer in row["answers"]:
        right = Counter(_characters(str(answer)))
        hits = (given & right).total()
        best = max(best, 2 * hits / (given.total() + right.total()) if hits else 0.0)
    return best


def _characters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _preset(task: str, score: Any, measure: Callable[[Row, str], float], **keys: Any) -> Preset:
    metric = f"infinitebench.{task}@1"

    def measured(row: Row, text: str) -> Mapping[str, float]:
        return {metric: measure(row, text)}

    base = {"prompt": "{context}\n\n{input}", "answer": "{answers}", "context": "{context}", "id": "{id}", "axes": []}
    return Preset(
        name=f"infinitebench:{task}",
        source=f"{SOURCE}; split {task}",
        keys={**base, "score": score, "answer_budget": 256, **keys},
        official=(metric,),
        measure=measured,
        adapt=adapt,
        flaws=tuple(
            filter(
                None, [FLAWS.get(task), "prompts differ from model to model there, and long ones are cut in the middle"]
            )
        ),
    )


_CHOICES = {
    "prompt": "{context}\n\n{input}\n{choices}\n\nEnd with one line: The answer is: LETTER",
    "answer": "{letter}",
    "floor": 0.25,
}
_LETTER = {"name": "letter", "letters": LETTERS}
_NUMBER = {"name": "number"}

PRESETS = (
    _preset("passkey", "values", _first_int),
    _preset("number_string", "values", _first_int),
    _preset("kv_retrieval", "values", _word),
    _preset("code_run", _NUMBER, _last_int),
    _preset("code_debug", _LETTER, _bug, **_CHOICES),
    _preset("math_find", _NUMBER, _first_number),
    _preset("math_calc", "ordered_list", _prefix, answer_budget=8192),
    _preset("longbook_choice_eng", _LETTER, _choice, **_CHOICES),
    _preset("longbook_qa_eng", {"name": "token_f1", "threshold": 0.6}, _token_f1),
    _preset("longbook_qa_chn", {"name": "token_f1", "threshold": 0.6}, _char_f1),
    _preset("longdialogue_qa_eng", "contains", _name),
)
"""All but the summaries, whose metric (ROUGE-Lsum alone) says little about a summary."""
