"""Common associations as data: what a thing leads to in one hop or two, and how that is stated and asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .association_table import TABLE, Kind

HOPS = (1, 2)
_ARTICLE = re.compile(r"^(?:the|an?|some) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Association:
    """What one thing leads to.

    Attributes:
        kind: the kind of association.
        object: what a sentence names: `the Eiffel Tower`.
        chain: what it leads to, nearest first: `Paris`, `France`, `Europe`.
    """

    kind: Kind
    object: str
    chain: tuple[str, ...]

    def concept(self, hops: int) -> str:
        """Return what it leads to in so many hops. It must lead that far."""
        return self.chain[hops - 1]

    def wider(self, hops: int) -> str:
        """Return what lies one hop beyond, or ""."""
        return self.chain[hops] if len(self.chain) > hops else ""


@cache
def associations() -> tuple[Association, ...]:
    """Return the whole table."""
    return tuple(Association(kind, *_chain(line)) for kind in TABLE for line in kind.chains.strip().split("\n"))


def _chain(line: str) -> tuple[str, tuple[str, ...]]:
    named, *chain = line.split(" | ")
    return named, tuple(chain)


def reaching(hops: int, kinds: tuple[str, ...]) -> tuple[Association, ...]:
    """Return the associations of some kinds that lead so many hops far."""
    return tuple(each for each in associations() if each.kind.name in kinds and len(each.chain) >= hops)


def without_article(text: str) -> str:
    """Return a thing without its article: `a dog` is `dog`."""
    return _ARTICLE.sub("", text)


def stated(kind: Kind, form: int, person: str, named: str) -> str:
    """Return the sentence that states the fact of a person in one of the kind's forms."""
    text = kind.stated[form][0].format(person=person, object=named)
    return text[0].upper() + text[1:]


def lexical_question(kind: Kind, form: int, named: str) -> str:
    """Return the question in the words of the sentence."""
    return kind.stated[form][1].format(object=named)


def latent_question(kind: Kind, hops: int, concept: str) -> str:
    """Return the question by the concept alone."""
    return kind.latent[hops - 1].format(concept=concept)


def bare_question(each: Association, hops: int) -> str:
    """Return the question for the association itself."""
    return each.kind.bare[hops - 1].format(object=each.object)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read back: the kind and what would answer it: these things, and no others."""

    kind: Kind
    objects: frozenset[str]


@cache
def _questions() -> dict[str, Asked]:
    """Map every question that can be asked to what answers it."""
    found: dict[str, Asked] = {}
    for each in associations():
        for form in range(len(each.kind.stated)):
            found[lexical_question(each.kind, form, each.object)] = Asked(each.kind, frozenset([each.object]))
        for hops in HOPS[: len(each.chain)]:
            text = latent_question(each.kind, hops, each.concept(hops))
            before = found[text].objects if text in found else frozenset()
            found[text] = Asked(each.kind, before | {each.object})
    return found


@cache
def _sentences(kind: Kind) -> tuple[re.Pattern[str], ...]:
    """Return a pattern for each form of sentence of a kind."""
    objects = "|".join(re.escape(each.object) for each in associations() if each.kind is kind)
    slots = {"person": r"(?P<person>[A-Z][a-z]+ [A-Z][a-z]+)", "object": f"(?P<object>(?i:{objects}))"}
    forms = (re.escape(sentence) for sentence, _ in kind.stated)
    return tuple(
        re.compile(r"\b" + re.sub(r"\\\{(person|object)\\\}", lambda slot: slots[slot[1]], form)) for form in forms
    )


def read_facts(kind: Kind, text: str) -> Iterator[tuple[str, str]]:
    """Yield each person of whom a text states a fact of the kind, with the thing that it names."""
    for pattern in _sentences(kind):
        for match in pattern.finditer(text):
            yield match["person"], match["object"]


def people_who(question: str, text: str) -> tuple[str, ...]:
    """Return the people of a text who answer a question of the table, sorted."""
    asked = _questions()[question]
    things = {named.casefold() for named in asked.objects}
    return tuple(sorted({person for person, named in read_facts(asked.kind, text) if named.casefold() in things}))
