"""`retrieval.latent`: find a person by what a sentence implies, not by the words that it has.

Read the text below. A question about a person in it follows at the end. …

… Niara Mumick rents two rooms within sight of the Eiffel Tower. …
… Kraltano Brimlund turned down an offer of work in Paris. …

Question: Who lives in Paris?
Answer in one line: write "ANSWER: " and then the first name and the surname, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.contexts import Context, ContextTask, Needle, Place, Question, planted_context
from harness.reading import NONE, fold, grade, read_reply
from harness.records import Message, Reply, Sample, Score

from .associations import associations, latent_question, lexical_question, people_who, without_article
from .latent_facts import Item, LatentFacts, LatentParams, Overlap, Planted, draw_latent_facts
from .latent_modes import PARTS, alternatives, planted_mistakes, rules
from .meanings import MEANINGS
from .overlap import shared_words
from .people import PERSON
from .statements import ANSWER_TAG, QUESTION_TAG

GAP = "\n\n"
INSTRUCTION = (
    "Read the text below. A question about a person in it follows at the end. "
    "What the text does not say about things, places and works is common knowledge."
)
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the first name and the surname, nothing else.'
IF_ABSENT = f'If the text names nobody who fits, write "ANSWER: {NONE}".'


class LatentRetrieval(ContextTask[Context]):
    """Find a person by an association."""

    modes = MEANINGS
    name = "retrieval.latent"
    version = "1"
    summary = "find a person by common knowledge about a fact, with a twin question in the fact's own words"
    Params: ClassVar[type[LatentParams]] = LatentParams
    sliced_by = ("hops", "items", "others", "decoys")

    def build(self, place: Place) -> Context:
        """Build one context."""
        params: LatentParams = self.params
        facts = draw_latent_facts(params, place)
        return planted_context(
            place,
            INSTRUCTION + GAP,
            [_needle(each) for each in facts.planted],
            [_question(params, facts, i, overlap) for i in range(params.items) for overlap in params.overlaps],
            params.answer_budget,
            _avoid(facts, params.hops),
        )

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for just the right name, or for NONE where nobody fits, and 0 for anything else."""
        context = self.context(sample)
        reading = read_reply(
            reply,
            PERSON,
            expected=len(sample.gold),
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: context.folded,
        )
        return grade(
            reading,
            tuple(fold(name) for name in sample.gold),
            alternatives=lambda: list(alternatives(sample)),
            rules=rules(_people(context), lambda: context.folded),
        )

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find the person by the table of associations and the sentences of the prompt."""
        text, _, tail = prompt[-1].content.rpartition(QUESTION_TAG)
        return people_who(tail.partition("\n")[0], text)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a name down the way the prompt asks for it."""
        return ANSWER_TAG + ("; ".join(gold) or NONE)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each mistake that the sample plants."""
        context = self.context(sample)
        return planted_mistakes(sample, context, _people(context))


def _people(context: Context) -> tuple[str, ...]:
    """Return the planted names, folded."""
    return tuple(fold(span.value) for span in context.questions[0].spans)


def _needle(planted: Planted) -> Needle:
    """Return what is planted; nobody but the answer to a question is gold to any."""
    kind = "other_key" if planted.part == "other" else planted.part
    if planted.part == "gold":
        return Needle(text=planted.sentence, value=planted.person, depth=planted.depth)
    return Needle(text=planted.sentence, value=planted.person, depth=planted.depth, role="decoy", kind=kind)


def _ask(item: Item, hops: int, overlap: Overlap) -> str:
    if overlap == "latent":
        return latent_question(item.fact.kind, hops, item.fact.concept(hops))
    return lexical_question(item.fact.kind, item.form, item.fact.object)


def _tail(question: str, params: LatentParams) -> str:
    lines = [QUESTION_TAG + question, ANSWER_WITH]
    return "\n".join([*lines, IF_ABSENT] if params.absent_rate > 0 else lines)


def _question(params: LatentParams, facts: LatentFacts, index: int, overlap: Overlap) -> Question:
    """Make the question about an item; a question in the text's own words has no shallow answers."""
    item = facts.items[index]
    text = _ask(item, params.hops, overlap)
    about = [each for each in facts.planted if each.item == index]
    right = [each for each in about if each.part == "gold"]
    latent = overlap == "latent"
    things = (item.fact.object, *item.fact.chain[: params.hops]) if latent else ()
    return Question(
        text=text,
        gold=tuple(each.person for each in right),
        tail=_tail(text, params),
        evidence="\n".join(each.sentence for each in right or about),
        axes={
            "overlap": overlap,
            "shared_words": max((shared_words(text, each.sentence) for each in right), default=0),
            "kind": item.fact.kind.name,
            "object": item.fact.object,
            "absent": item.absent,
        },
        data={
            "parts": {each.part: each.person for each in about if each.part in PARTS and latent},
            "links": list(dict.fromkeys(form for thing in things for form in (thing, without_article(thing)))),
        },
    )


def _avoid(facts: LatentFacts, hops: int) -> set[str]:
    """Return what the filler must not hold: planted names, and whatever could be taken for an answer's thing."""
    kinds = {item.fact.kind.name: item.fact.kind for item in facts.items}
    concepts = {item.fact.concept(hops) for item in facts.items}
    things = {each.object for each in associations() if concepts & {*each.chain} and len(each.object) > 2}
    names = {without_article(text) for text in concepts | things}
    return names | {each.person for each in facts.planted} | {w for k in kinds.values() for w in k.clashes.split()}
