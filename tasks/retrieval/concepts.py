"""Answers that are a concept of the association table: every usual way to write one counts as the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

from harness.reading import ValueType, fold

from .associations import Association, associations, without_article
from .people import LINE

ALSO: dict[str, str] = {
    "England": "the United Kingdom|UK|U.K.|Great Britain|Britain",
    "Scotland": "the United Kingdom|UK|U.K.|Great Britain|Britain",
    "the United States": "USA|US|U.S.|U.S.A.|America",
    "the Netherlands": "Holland",
    "the Czech Republic": "Czechia",
    "the United Arab Emirates": "UAE|U.A.E.",
    "Saint Petersburg": "St Petersburg|St. Petersburg",
    "Rio de Janeiro": "Rio",
    "Beijing": "Peking",
    "Leonardo da Vinci": "Leonardo|da Vinci",
    "Mary Shelley": "Shelley",
    "Victor Hugo": "Hugo",
    "Mark Twain": "Twain|Clemens",
    "García Márquez": "Márquez",
    "Dostoevsky": "Dostoyevsky|Dostoevskij",
    "Tchaikovsky": "Tchaikovskij|Chaikovsky",
    "maize": "corn|cornmeal",
    "soya beans": "soy|soya|soybeans|soy beans",
    "pulses": "legumes",
    "grain": "cereals",
    "silkworm cocoons": "silkworms|silk moths|silk worms",
    "athletics": "track and field",
    "ice hockey": "hockey",
    "the slalom": "skiing|alpine skiing",
    "a racket sport": "racquet sports",
    "a string instrument": "strings|stringed instruments",
    "a woodwind instrument": "woodwinds",
    "a brass instrument": "brass",
    "a percussion instrument": "percussion",
    "a wind instrument": "winds|aerophones",
    "the precious metals": "noble metals",
    "a plant": "Plantae|the plant kingdom",
    "an animal": "Animalia|the animal kingdom",
    "medicine": "healthcare|health care|the medical field",
    "the law": "justice|the legal field|the judiciary",
    "food preparation": "food|the food industry|catering|cooking",
    "the textile business": "textiles|the textile industry",
    "agriculture": "farming",
    "a doctor": "physician",
    "an artist": "painter",
    "a navigator": "sailor|mariner",
    "a cowboy": "rancher|vaquero",
    "a potter": "ceramicist",
    "a blacksmith": "smith|farrier",
}
"""Other names of a concept, beside what is made by rule: without article or accents, in the singular and the plural."""


JOINTS = (", ", " (", " in ")
"""What may stand between a concept and a wider one."""


def spellings(concept: str) -> frozenset[str]:
    """Return every folded form of a concept that counts."""
    names = [concept, *ALSO.get(concept, "").split("|")]
    return frozenset(form for name in names if name for form in _forms(fold(name)))


def _forms(name: str) -> Iterator[str]:
    bare = without_article(name)
    for form in (name, bare, bare.removesuffix("s"), f"{bare}s"):
        yield form
        yield "".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c))


@cache
def _known() -> dict[str, str]:
    """Map every spelling of every concept of the table to the concept, folded."""
    concepts = sorted({concept for each in associations() for concept in each.chain})
    return {form: fold(concept) for concept in concepts for form in spellings(concept)}


@cache
def concept_type(fact: Association, hops: int) -> ValueType:
    """Return the type of answers to the question what a thing leads to in so many hops.

    It reads any concept of the table, so that a list of guesses is no answer. A spelling that two concepts share is
    read as the right one, and the right one may be followed by a wider one: `Paris, France`.
    """
    right = fact.concept(hops)
    wider = [form for concept in fact.chain[hops:] for form in spellings(concept)]
    forms = {**_known(), **dict.fromkeys(spellings(right), fold(right))}
    forms |= {f"{form}{joint}{more}": fold(right) for form in spellings(right) for joint in JOINTS for more in wider}
    return ValueType(
        name="concept",
        exact=re.compile(rf"(?<!\w)(?=\w)(?:{_any_of(forms)})(?!\w)", re.IGNORECASE),
        loose=re.compile(LINE, re.IGNORECASE | re.MULTILINE),
        canonical=lambda text: forms.get(text, text),
        near=2,
    )


def _any_of(forms: Iterable[str]) -> str:
    """Return a pattern of any of some texts, the longest first, grouped by first letter: most are passed over."""
    by_letter = groupby(sorted(forms, key=lambda form: (form[0], -len(form), form)), key=lambda form: form[0])
    return "|".join(f"{letter}(?:{'|'.join(re.escape(form[1:]) for form in group)})" for letter, group in by_letter)
