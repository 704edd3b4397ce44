"""How an answer of `retrieval.latent` is wrong: whom or what it names instead.

latent_surface           the person whose sentence has the word of the question and says something else of it
hop_short                a link of the association (the thing, the city) instead of the person
hop_long                 the person who fits one hop too far: another city of the same country
distractor.other_key     another planted person
near_miss.misspelt_name  the right name, up to two letters off
near_miss.partial_name   the first name or the surname alone
chimera                  the first name of one planted person with the surname of another
distractor.filler        a name, or anything else, that stands in the filler
hallucinated             a name that stands nowhere in the text
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from harness.contexts import Context, Stream
from harness.contexts import names as names_of
from harness.reading import NONE, Alternative, Answer, Rule, fold
from harness.records import Sample

from .people import PERSON, is_chimera, name_slip
from .statements import ANSWER_TAG

PARTS: Mapping[str, str] = {"surface": "latent_surface", "wider": "hop_long"}
"""Failure modes of the two people who are planted to be taken for the answer."""

WHY = {
    "surface": "{} stands in a sentence that has the question's word in another meaning",
    "wider": "{} fits only the next wider concept",
}


def alternatives(sample: Sample) -> Iterator[Alternative]:
    """Yield the wrong answers that a sample foresees."""
    for part, name in sample.data["parts"].items():
        yield Alternative(PARTS[part], (fold(name),), WHY[part].format(name))
    for link in sample.data["links"]:
        yield Alternative("hop_short", (fold(link),), f"{link} is a link of the association and no person")


def rules(people: tuple[str, ...], context: Callable[[], str]) -> tuple[Rule[Answer], ...]:
    """Return the rules for one context.

    Args:
        people: the planted names, folded.
        context: gives the text, folded, in one line.
    """

    def other_key(answer: Answer) -> str:
        found = next((name for name in answer.given if name in people), "")
        return f"{found} is planted, with another fact" if found else ""

    def slip(kind: str, answer: Answer) -> str:
        pairs = ((name, right) for name in answer.given for right in answer.gold)
        return next((f"{name} is nearly {right}" for name, right in pairs if name_slip(name, right) == kind), "")

    def chimera(answer: Answer) -> str:
        found = next((name for name in answer.given if is_chimera(name, people)), "")
        return f"{found} joins the names of two people" if found else ""

    def filler(answer: Answer) -> str:
        found = next((name for name in answer.given if name not in people and name in context()), "")
        return f"{found} stands in the text, unplanted" if found else ""

    def hallucinated(answer: Answer) -> str:
        found = next((name for name in answer.given if name not in context()), "")
        return f"{found} stands nowhere in the text" if found else ""

    return (
        Rule("distractor.other_key", other_key),
        Rule("near_miss.misspelt_name", partial(slip, "misspelt_name")),
        Rule("near_miss.partial_name", partial(slip, "partial_name")),
        Rule("chimera", chimera),
        Rule("distractor.filler", filler),
        Rule("hallucinated", hallucinated),
    )


def planted_mistakes(sample: Sample, context: Context, people: tuple[str, ...]) -> dict[str, str]:
    """Return a reply for each failure mode that a sample with an answer can show."""
    if not sample.gold:
        return {"false_presence": ANSWER_TAG + people[0]}
    right = fold(sample.gold[0])
    given, family = right.split(" ")
    others = [name for name in people if name not in (right, *map(fold, sample.data["parts"].values()))]
    names = {PARTS[part]: name for part, name in sample.data["parts"].items()}
    if sample.data["links"]:
        names["hop_short"] = sample.data["links"][0]
    names["false_absence"] = NONE
    names["near_miss.misspelt_name"] = f"{given} {family[:2]}{family[3:]}"
    names["near_miss.partial_name"] = family
    if others:
        names["distractor.other_key"] = others[0]
        names["chimera"] = f"{given} {others[0].split(' ')[1]}"
    strangers = (match[0] for match in PERSON.exact.finditer(context.body) if fold(match[0]) not in people)
    if stranger := next(strangers, ""):
        names["distractor.filler"] = stranger
    unheard = names_of(Stream("stranger", sample.id), 3, people)
    names["hallucinated"] = next(name for name in unheard if fold(name) not in context.folded)
    return {mode: ANSWER_TAG + name for mode, name in names.items()}
