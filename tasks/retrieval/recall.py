"""`retrieval.associations`: the common knowledge alone that `retrieval.latent` needs, asked about no person.

Answer the question at the end from general knowledge. The text before it does not help.

… You will laugh to hear that Stianor Stelholt shipped the ugly latch behind the loose oboe. …

Question: In which city is the Eiffel Tower?
Answer in one line: write "ANSWER: " and then the answer in as few words as possible, nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from harness.contexts import Context, ContextTask, Place, Question, Stream, planted_context
from harness.reading import Alternative, Answer, Rule, fold, grade, read_reply
from harness.records import Message, Reply, Sample, Score

from .associations import Association, associations, bare_question, without_article
from .concepts import concept_type, spellings
from .latent_facts import AssociationParams
from .meanings import MEANINGS
from .statements import ANSWER_TAG, QUESTION_TAG

GAP = "\n\n"
INSTRUCTION = "Answer the question at the end from general knowledge. A text before it does not help."
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the answer in as few words as possible, nothing else.'


class RecallParams(AssociationParams):
    """Parameters of `retrieval.associations`."""

    answer_budget: int = Field(default=32, ge=8, description="tokens that the visible answer may take")
    items: int = Field(default=8, ge=1, le=64, description="associations that the questions of a context are about")


class AssociationRecall(ContextTask[Context]):
    """Say what a thing leads to."""

    modes = MEANINGS
    name = "retrieval.associations"
    version = "1"
    summary = "recall the common knowledge that retrieval.latent needs; shown = nothing asks it closed book"
    Params: ClassVar[type[RecallParams]] = RecallParams
    sliced_by = ("hops",)

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        times = Counter(each.concept(self.params.hops) for each in self.params.pool)
        self.floor = max(times.values(), default=0) / max(1, times.total())

    def build(self, place: Place) -> Context:
        """Build one context: the next associations of the table in an order of the seed, so that all come in turn."""
        params: RecallParams = self.params
        order = Stream(*place.key[:-1], "order").shuffled(params.pool)
        first = place.index * params.items
        facts = [order[(first + i) % len(order)] for i in range(min(params.items, len(order)))]
        avoid = {without_article(text) for fact in facts for text in (fact.object, *fact.chain) if len(text) > 2}
        questions = [_question(fact, params.hops) for fact in facts]
        return planted_context(place, INSTRUCTION + GAP, [], questions, params.answer_budget, avoid)

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for the right concept in any usual spelling."""
        right = sample.gold[0]
        reading = read_reply(
            reply,
            concept_type(_fact(sample), self.params.hops),
            expected=1,
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self.context(sample).folded,
        )
        return grade(
            reading,
            (fold(right),),
            alternatives=lambda: list(_alternatives(sample, self.params.hops)),
            rules=(Rule("wrong_association", _wrong_association),),
        )

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Look the association up in the table by the question."""
        asked = prompt[-1].content.rpartition(QUESTION_TAG)[2].partition("\n")[0]
        hops = self.params.hops
        return tuple(each.concept(hops) for each in self.params.pool if bare_question(each, hops) == asked)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a concept down the way the prompt asks for it."""
        return ANSWER_TAG + "; ".join(gold)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each mistake that the sample's association can lead to."""
        found = {each.mode: ANSWER_TAG + each.answer[0] for each in _alternatives(sample, self.params.hops)}
        kind, hops = sample.axes["kind"], self.params.hops
        others = (each.concept(hops) for each in self.params.pool if each.kind.name == kind)
        wrong = next((other for other in others if not spellings(other) & spellings(sample.gold[0])), "")
        return {**found, "wrong_association": ANSWER_TAG + wrong} if wrong else found


def _question(fact: Association, hops: int) -> Question:
    text = bare_question(fact, hops)
    return Question(
        text=text,
        gold=(fact.concept(hops),),
        tail=f"{QUESTION_TAG}{text}\n{ANSWER_WITH}",
        evidence="",
        axes={"kind": fact.kind.name, "object": fact.object},
    )


def _fact(sample: Sample) -> Association:
    return next(each for each in associations() if each.object == sample.axes["object"])


def _alternatives(sample: Sample, hops: int) -> Iterator[Alternative]:
    """Yield the other links of the chain, the thing itself first: nearer ones stop short, further ones go too far."""
    fact = _fact(sample)
    for at, link in enumerate((fact.object, *fact.chain)):
        if at != hops:
            mode = "hop_short" if at < hops else "hop_long"
            for form in sorted(spellings(link) - spellings(sample.gold[0])):
                yield Alternative(mode, (form,), f"{link} is {at} of {hops} steps from {fact.object}")


def _wrong_association(answer: Answer) -> str:
    return f"{answer.given[0]} is not what it leads to" if answer.given else ""
