"""Every word that a prompt of this family holds beside the filler."""

from __future__ import annotations

from collections.abc import Mapping

from harness.contexts import Kind

from .records import Ask, Operation, Statement

ANSWER_TAG = "ANSWER: "
INSTRUCTION = (
    "The text below mentions deliveries. A question about them follows at the end. Each delivery has a number: where "
    "the same number is told again, it is the same delivery and counts once. A delivery that was called off does not "
    "count."
)

TOLD = (
    "Delivery {number} brought {crates} crates of {good} to {place}.",
    "{place} received {crates} crates of {good} with delivery {number}.",
    "With delivery {number}, {crates} crates of {good} reached {place}.",
)
CALLED_OFF = (
    "Delivery {number} of {crates} crates of {good} to {place} was called off.",
    "{place} never received the {crates} crates of {good} of delivery {number}, which was called off.",
)
LINE = "Delivery {number} | {place} | {crates} crates | {good} | {state}"

QUESTIONS: Mapping[Operation, str] = {
    "count": "How many deliveries reached {place}?",
    "distinct": "How many different kinds of goods were delivered to {place}?",
    "sum": "How many crates were delivered to {place} altogether?",
    "median": "What is the median number of crates in a delivery to {place}? Of an even number of deliveries take the "
    "lower of the two in the middle.",
    "percent": "What percentage of the deliveries to {place} were of {good}? Round to a whole number, a half up.",
    "top": "Which {top} kinds of goods reached {place} in the most deliveries? Name the most frequent first.",
    "argmax": "Of which kind of goods were the most crates delivered to {place}?",
    "count_by": "How many deliveries of each kind of goods reached {place}?",
    "sum_by": "How many crates of each kind of goods were delivered to {place}?",
}
TOP_ONE = "Which kind of goods reached {place} in the most deliveries?"

_NUMBER = "the number"
_FORMS: Mapping[Operation, str] = {
    "top": "the goods, separated by commas",
    "argmax": "the goods",
    "count_by": "each kind of goods with its number, like this: goods: number, goods: number",
    "sum_by": "each kind of goods with its number, like this: goods: number, goods: number",
}
_ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then {form}, nothing else.'


def state(statement: Statement, haystack: Kind) -> str:
    """Write a statement down as a sentence or a line."""
    record = statement.record
    frames = TOLD if record.arrived else CALLED_OFF
    frame = LINE if haystack == "records" else frames[statement.wording % len(frames)]
    return frame.format(
        number=record.number,
        crates=record.crates,
        good=record.good,
        place=record.place,
        state="arrived" if record.arrived else "called off",
    )


def question(ask: Ask) -> str:
    """Write a question down."""
    frame = TOP_ONE if ask.operation == "top" and ask.top == 1 else QUESTIONS[ask.operation]
    return frame.format(place=ask.place, good=ask.good, top=ask.top)


def tail(ask: Ask) -> str:
    """Write down what stands below the text: the question, and how to answer."""
    return f"Question: {question(ask)}\n{_ANSWER_WITH.format(form=_FORMS.get(ask.operation, _NUMBER))}"
