"""What the tasks have in common that plant files of their own and no chains: how they are drawn, filled, scored."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from harness.contexts import ContextParams, ContextTask, Place, Stream
from harness.errors import ConfigError
from harness.reading import Alternative, Answer, Rule, fold, grade, read_reply
from harness.records import Reply, Sample, Score

from .base import ANSWER_TAG, HEAD, PACKAGES
from .draw import HIGHEST, LOWEST, Draw
from .kinds import DOTTED
from .meanings import MEANINGS
from .repository import Asked, CodeContext, Order, Plan, build_repository

SEVERAL = 2
HALLUCINATED = "code.hallucinated_symbol"
Foreseen = list[list[str]]
"""Wrong answers: failure mode, evidence, names."""


class PlantedParams(ContextParams):
    """Parameters of the tasks that plant files of their own.

    Attributes:
        plants: how often something is planted: the most questions that a context can be asked.
    """

    answer_budget: int = Field(default=64, ge=1, description="tokens that the visible answer may take")
    plants: int = Field(default=4, ge=1, le=32, description="how often something is planted, once for each question")
    order: Order = Field(default="shuffled", description="order of the files; topological: imported ones first")


class PlantedTask(ContextTask[CodeContext]):
    """A task about planted functions; answers are dotted names.

    Attributes:
        many: whether several names may be right.
    """

    modes = MEANINGS
    many: ClassVar[bool] = False
    sliced_by: ClassVar[tuple[str, ...]] = ("order",)
    Params: ClassVar[type[PlantedParams]] = PlantedParams

    @abstractmethod
    def plant(self, draw: Draw, constants: Iterator[int]) -> Asked:
        """Plant files and ask about them; `data` of the question has the `foreseen` wrong answers.

        Args:
            draw: names and numbers.
            constants: numbers that are given out once in a context, for what must be the only one of its kind.
        """

    def build(self, place: Place) -> CodeContext:
        """Build one context."""
        draw = Draw(Stream(*place.key, "facts"), ())
        draw.packages += [draw.word() for _ in range(PACKAGES)]
        constants = iter(draw.stream.shuffled(range(LOWEST, HIGHEST + 1)))
        asked = tuple(self.plant(draw, constants) for _ in range(self.params.plants))
        self._check_budget(asked, place)
        plan = Plan(
            head=HEAD,
            groups=tuple(each.files for each in asked),
            asked=asked,
            names=draw.names.taken,
            packages=tuple(draw.packages),
        )
        return build_repository(plan, place, self.params.order, self.params.answer_budget)

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for just the right names and 0 for anything else."""
        reading = read_reply(
            reply,
            DOTTED,
            expected=max(len(sample.gold), SEVERAL) if self.many else 1,
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self.context(sample).folded,
        )
        return grade(
            reading,
            tuple(map(fold, sample.gold)),
            alternatives=lambda: alternatives_of(sample),
            rules=(
                Rule("code.wrong_qualifier", _misplaced),
                Rule(HALLUCINATED, lambda answer: _invented(answer, self.context(sample).folded_functions)),
                Rule("code.other_function", _other),
            ),
        )

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the names down the way the prompt asks for it."""
        return ANSWER_TAG + ", ".join(gold)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each wrong answer that was foreseen, and one that names what is nowhere."""
        made = {each.mode: self.ideal_reply(each.answer) for each in reversed(alternatives_of(sample))}
        module, _, function = sample.gold[-1].rpartition(".")
        invented = (*(sample.gold if self.many else ()), f"{module}.{function}_impl")
        return {**made, HALLUCINATED: self.ideal_reply(invented)}

    def _check_budget(self, asked: Sequence[Asked], place: Place) -> None:
        needed = max(place.counter.count(self.ideal_reply(each.question.gold)) for each in asked)
        if needed > self.params.answer_budget:
            raise ConfigError(
                f"the right answer alone takes {needed} tokens",
                where="answer_budget",
                found=str(self.params.answer_budget),
                fix=f"set answer_budget = {2 * needed}",
            )


def alternatives_of(sample: Sample) -> list[Alternative]:
    """Return the foreseen wrong answers of a sample; one that two modes explain has the first."""
    gold = frozenset(map(fold, sample.gold))
    found: dict[frozenset[str], Alternative] = {}
    for mode, why, *names in sample.data["foreseen"]:
        answer = tuple(map(fold, names))
        if answer and frozenset(answer) != gold:
            found.setdefault(frozenset(answer), Alternative(mode, answer, f"it is {why}"))
    return list(found.values())


def _misplaced(answer: Answer) -> str:
    """Hold where the last parts are the right ones, in another module or without one."""
    given, gold = (
        {name.replace("/", ".").rpartition(".")[2] for name in names} for names in (answer.given, answer.gold)
    )
    return f"{answer.given[0]} has not the right module" if given == gold else ""


def _invented(answer: Answer, functions: frozenset[str]) -> str:
    """Hold where some name is that of no function, neither whole nor by its last part."""
    known = {*functions, *(name.rpartition(".")[2] for name in functions)}
    unknown = next((name for name in answer.given if name not in known), "")
    return f"{unknown} is nowhere in the files" if unknown else ""


def _other(answer: Answer) -> str:
    stray = next((name for name in answer.given if name not in answer.gold), "")
    return f"{stray} is another function" if stray else ""
