"""The kinds of association: how a fact of each is stated, asked, and named in passing.

Statements share no word with the questions that need the association: `tests/test_retrieval_latent.py` holds it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .association_chains import (
    ANIMAL,
    BOOK,
    CURRENCY,
    DISH,
    FABRIC,
    FOOD,
    INSTRUMENT,
    LANDMARK,
    MUSIC,
    PAINTING,
    SPORT,
    SYMBOL,
    TOOL,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of association and its wording; `{0}` stands for a person, a named thing or a concept.

    Attributes:
        name: `landmark`, `dish` …
        stated: pairs of a sentence that states the fact of a person (`{person}`, `{object}`) and the question in the
            sentence's own words.
        latent: for one hop and for two: the question by the concept alone.
        bare: for one hop and for two: the question for the association itself, about no person.
        passing: for one hop and for two: a sentence that names the concept and does not make the person an answer.
        chains: what belongs to what, one chain a line, parts parted by ` | `.
        clashes: words of the filler that could be taken for one of the things.
    """

    name: str
    stated: tuple[tuple[str, str], ...]
    latent: tuple[str, str]
    bare: tuple[str, str]
    passing: tuple[str, str]
    chains: str
    clashes: str = ""


_LANDMARK = Kind(
    name="landmark",
    stated=(
        ("{person} rents two rooms within sight of {object}.", "Who rents two rooms within sight of {object}?"),
        (
            "{person} has slept for years round the corner from {object}.",
            "Who has slept for years round the corner from {object}?",
        ),
        (
            "From the bedroom window of {person} one looks straight at {object}.",
            "From whose bedroom window does one look straight at {object}?",
        ),
    ),
    latent=("Who lives in {concept}?", "Who lives in {concept}?"),
    bare=("In which city is {object}?", "In which country is {object}?"),
    passing=(
        "{person} turned down an offer of work in {concept}.",
        "{person} turned down an offer of work in {concept}.",
    ),
    chains=LANDMARK,
)

_BOOK = Kind(
    name="book",
    stated=(
        (
            "{person} can recite whole pages of {object} without a slip.",
            "Who can recite whole pages of {object} without a slip?",
        ),
        (
            "At every party {person} quotes {object} for an hour.",
            "Who quotes {object} for an hour at every party?",
        ),
    ),
    latent=("Who knows by heart what {concept} wrote?", "Who knows by heart what a writer from {concept} wrote?"),
    bare=("Who wrote {object}?", "From which country was the author of {object}?"),
    passing=(
        "{person} sold a small portrait of {concept} and bought boots.",
        "{person} sold a torn map of {concept} and bought boots.",
    ),
    chains=BOOK,
)

_MUSIC = Kind(
    name="music",
    stated=(
        ("{person} hums {object} on every errand.", "Who hums {object} on every errand?"),
        (
            "Nothing but {object} will send the children of {person} to sleep.",
            "Whose children will nothing but {object} send to sleep?",
        ),
    ),
    latent=(
        "Whose household is fond of a composition by {concept}?",
        "Whose household is fond of a composer from {concept}?",
    ),
    bare=("Who composed {object}?", "From which country was the composer of {object}?"),
    passing=(
        "{person} broke a plaster bust of {concept} and hid the pieces.",
        "{person} tore an old map of {concept} and hid the pieces.",
    ),
    chains=MUSIC,
)

_PAINTING = Kind(
    name="painting",
    stated=(
        (
            "{person} dusts a print of {object} every Sunday.",
            "Who dusts a print of {object} every Sunday?",
        ),
        (
            "A cheap print of {object} hangs over the stove of {person}.",
            "Over whose stove does a cheap print of {object} hang?",
        ),
    ),
    latent=("Who owns a copy of a picture by {concept}?", "Who owns a copy of a picture by an artist from {concept}?"),
    bare=("Who painted {object}?", "From which country was the painter of {object}?"),
    passing=(
        "{person} fell asleep during a talk about {concept}.",
        "{person} fell asleep during a talk about {concept}.",
    ),
    chains=PAINTING,
)

_DISH = Kind(
    name="dish",
    stated=(
        ("{person} serves {object} to every guest.", "Who serves {object} to every guest?"),
        (
            "Anyone who calls on {person} at noon is given {object}.",
            "Who gives {object} to anyone who calls at noon?",
        ),
    ),
    latent=(
        "Who cooks in the traditional way of {concept}?",
        "Who cooks in the traditional way of a country in {concept}?",
    ),
    bare=("Which country is known for {object}?", "On which continent is the country that is known for {object}?"),
    passing=(
        "{person} lost a parcel that came from {concept}.",
        "{person} lost a parcel that came from {concept}.",
    ),
    chains=DISH,
)

_FOOD = Kind(
    name="food",
    stated=(
        ("{person} begins each day with {object}.", "Who begins each day with {object}?"),
        (
            "There is always {object} in the cupboard of {person}.",
            "In whose cupboard is there always {object}?",
        ),
    ),
    latent=("Who stocks something made from {concept}?", "Who stocks something made from {concept}?"),
    bare=(
        "What is the main ingredient of {object}?",
        "To which group of foods does the main ingredient of {object} belong?",
    ),
    passing=(
        "{person} wrote a long complaint about the price of {concept}.",
        "{person} wrote a long complaint about the price of {concept}.",
    ),
    chains=FOOD,
)

_ANIMAL = Kind(
    name="animal",
    stated=(
        ("{person} talks all evening to {object}.", "Who talks all evening to {object}?"),
        (
            "The neighbours complain that {person} shares a flat with {object}.",
            "Who shares a flat with {object}, as the neighbours complain?",
        ),
    ),
    latent=("Who is the owner of {concept}?", "Who is the owner of {concept}?"),
    bare=("What sort of animal is {object}?", "To which class of animals does {object} belong?"),
    passing=(
        "{person} was chased by {concept} across a field.",
        "{person} was chased by {concept} across a field.",
    ),
    chains=ANIMAL,
)

_SYMBOL = Kind(
    name="symbol",
    stated=(
        (
            "{person} guards a flask on which a chemist has put {object}.",
            "Who guards a flask on which a chemist has put {object}?",
        ),
        (
            "The box that {person} buried bears only the letters {object}, for a chemist to read.",
            "Who buried the box that bears only the letters {object}, for a chemist to read?",
        ),
    ),
    latent=("Who possesses some {concept}?", "Who possesses some of {concept}?"),
    bare=(
        "Which chemical element has the symbol {object}?",
        "To which group of metals does the element with the symbol {object} belong?",
    ),
    passing=(
        "{person} dreamt of {concept} and woke up poor.",
        "{person} dreamt of {concept} and woke up poor.",
    ),
    chains=SYMBOL,
    clashes="iron copper silver",
)

_TOOL = Kind(
    name="tool",
    stated=(
        ("On duty {person} is never seen without {object}.", "Who is never seen without {object} on duty?"),
        (
            "It is {object} that {person} reaches for first on a weekday.",
            "Who reaches for {object} first on a weekday?",
        ),
    ),
    latent=("Who is {concept} by trade?", "Whose trade belongs to {concept}?"),
    bare=("What do you call somebody whose typical tool is {object}?", "To which field of work does {object} belong?"),
    passing=(
        "{person} quarrelled with {concept} over a bill.",
        "{person} wrote a poem against {concept} and burnt it.",
    ),
    chains=TOOL,
    clashes="anvil loom plough easel sextant",
)

_INSTRUMENT = Kind(
    name="instrument",
    stated=(
        ("{person} practises {object} after supper.", "Who practises {object} after supper?"),
        (
            "Half the street can hear {person} at {object} before breakfast.",
            "Whom can half the street hear at {object} before breakfast?",
        ),
    ),
    latent=("Who plays {concept}?", "Who plays {concept}?"),
    bare=(
        "To which family of the orchestra does {object} belong?",
        "In the widest sense, what sort of instrument is {object}?",
    ),
    passing=(
        "{person} drew {concept} in the margin of a letter.",
        "{person} drew {concept} in the margin of a letter.",
    ),
    chains=INSTRUMENT,
    clashes="bassoon bugle clarinet dulcimer fiddle flute guitar harp horn lute mandolin oboe recorder trombone "
    "trumpet viola violin whistle zither drum gong",
)

_FABRIC = Kind(
    name="fabric",
    stated=(
        ("{person} wears {object} in any weather.", "Who wears {object} in any weather?"),
        (
            "The tailor always cuts {object} for {person}.",
            "For whom does the tailor always cut {object}?",
        ),
    ),
    latent=("Whose clothes come from {concept}?", "Whose clothes come from {concept}?"),
    bare=("From which plant or animal does {object} come?", "From which kingdom of living things does {object} come?"),
    passing=(
        "{person} kept a notebook with drawings of {concept}.",
        "{person} kept a notebook with drawings of {concept}.",
    ),
    chains=FABRIC,
)

_SPORT = Kind(
    name="sport",
    stated=(
        (
            "Every Saturday {person} turns up with {object} under one arm.",
            "Who turns up with {object} under one arm every Saturday?",
        ),
        ("{person} asked the postman for {object} on credit.", "Who asked the postman for {object} on credit?"),
    ),
    latent=("Whose hobby is {concept}?", "Whose hobby is {concept}?"),
    bare=("In which sport is {object} used?", "To which group of sports does {object} belong?"),
    passing=(
        "{person} spoke up against {concept} and left the hall.",
        "{person} spoke up against {concept} and left the hall.",
    ),
    chains=SPORT,
)

_CURRENCY = Kind(
    name="currency",
    stated=(
        (
            "All that {person} took home from the season was a purse of {object}.",
            "Who took home from the season no more than a purse of {object}?",
        ),
        ("{person} was paid in {object} by a stranger.", "Who was paid in {object} by a stranger?"),
    ),
    latent=("Who holds the money of {concept}?", "Who holds the money of a country in {concept}?"),
    bare=("Which country pays in {object}?", "On which continent is the country that pays in {object}?"),
    passing=(
        "{person} has a cousin who writes from {concept}.",
        "{person} has a cousin who writes from {concept}.",
    ),
    chains=CURRENCY,
)

TABLE: tuple[Kind, ...] = (
    _LANDMARK,
    _BOOK,
    _MUSIC,
    _PAINTING,
    _DISH,
    _FOOD,
    _ANIMAL,
    _SYMBOL,
    _TOOL,
    _INSTRUMENT,
    _FABRIC,
    _SPORT,
    _CURRENCY,
)
"""Every kind."""
