"""Steers a run that may stop early: takes note of replies, and says what is asked next and when it is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from harness.errors import ComparisonError, ConfigError
from harness.gate.early.evidence import out_of_reach
from harness.gate.early.hypotheses import Design, Hypothesis, design_of
from harness.gate.early.rule import StoppingRule, record_rule
from harness.gate.early.sequential import Standing, standing
from harness.gate.early.verdict import e_value, saved
from harness.gate.policy import Policy
from harness.gate.wording import place
from harness.records import Result
from harness.stats import contexts_without_loss
from harness.store import Run, RunInfo, pair

REPORTS = 10
"""Into how many parts the way is cut: after each of them it says what is open."""

MOST_NAMED = 3


class EarlyStop:
    """Compares a run, while it goes on, with a recorded baseline.

    Args:
        baseline: a complete run.
        rule: the stopping rule, which is written beside the run before its first reply.
        say: called with a line for people.
    """

    def __init__(self, baseline: Run, rule: StoppingRule, say: Callable[[str], None]) -> None:
        self._baseline, self._say = baseline, say
        self.design = design_of(baseline, rule)
        order = {context: index for index, context in enumerate(rule.order)}
        self._context = {(result.task, result.recipe.context): result.context_id for result in baseline.measured}
        self._position = {key: order[context] for key, context in self._context.items()}
        self._info: RunInfo | None = None
        self._results: dict[tuple[str, int], Result] = {}
        self._waiting: dict[tuple[str, str, int], set[tuple[str, int]]] = {}
        self._standing: Standing | None = None
        self._told = (-1, -1)

    def begin(self, run: Run) -> None:
        """Write the rule down, or check it against the one that is there; then take note of what is there.

        Raises:
            WrongRun: replies were asked by another rule, or by none.
            ComparisonError: the baseline was asked something else.
        """
        record_rule(run.info.path, self.design.rule)
        self._info = run.info
        self._results = {_key(result): result for result in run.measured}
        planned = self.design.planned
        for key, rows in planned.groupby(["context_id", "task", "length"]):
            keys = set(zip(rows["sample_id"], rows["replicate"], strict=True))
            self._waiting[cast("tuple[str, str, int]", key)] = keys - set(self._results)
        self._look()

    def saw(self, result: Result) -> None:
        """Take note of a reply, and decide again when it was the last of its context."""
        if "control" in result.axes:
            return
        self._results[_key(result)] = result
        self._waiting[result.context_id, result.task, result.recipe.length].discard(_key(result))
        cells = self.design.cells[result.context_id] & self.standing.open_cells
        if not any(self._waiting[result.context_id, *cell] for cell in cells):
            self._look()

    def position(self, task: str, context: int) -> int:
        """Return where a context stands in the order."""
        return self._position[task, context]

    def wants(self, task: str, length: int) -> bool:
        """Tell whether a task at a length is still to be asked."""
        return (task, length) in self.standing.open_cells

    def asked(self, task: str, context: int) -> bool:
        """Tell whether anything was asked on a context."""
        wanted = self._context[task, context]
        return any(result.context_id == wanted for result in self._results.values())

    @property
    def settled(self) -> bool:
        """Whether the verdict is decided."""
        return self.standing.settled

    @property
    def standing(self) -> Standing:
        """What is decided so far."""
        assert self._standing is not None, "begin() comes first"
        return self._standing

    def summary(self) -> str:
        """Say how far the run has come, and what it saved."""
        return f"{self._model}: {saved(self.standing, len(self._results))}"

    def _look(self) -> None:
        assert self._info is not None
        run = Run(self._info, tuple(self._results.values()))
        comparison = pair(self._baseline, run)
        if comparison.problems:
            raise ComparisonError(
                f"{run.info.name} cannot be compared with the baseline {self._baseline.info.name}",
                where=str(run.info.path),
                found="; ".join(comparison.problems[:3]),
                fix="compare with a baseline of the same sweep, or run the baseline again",
            )
        self._standing = standing(self.design, comparison, run)
        self._report()

    def _report(self) -> None:
        """Say which rows are open: every tenth of the rows, and every tenth of the way."""
        found = self.standing
        rows = found.open_rows
        total = len(self.design.rule.order)
        now = (len(rows) * REPORTS // len(self.design.hypotheses), found.used * REPORTS // total)
        if now == self._told or found.settled:
            return
        self._told = now
        named = ", ".join(self._open(row) for row in rows[:MOST_NAMED])
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        self._say(f"{self._model}: {found.used} of {total} contexts, open: {named}{more}")

    def _open(self, row: Hypothesis) -> str:
        track, end = self.standing.tracks[row], self.standing.ends[row]
        least = e_value(1 / self.design.rule.policy.defaults.alpha)
        return (
            f"{row.name} (pass {e_value(track.proof[end])} of {least}, "
            f"harm {e_value(track.harm[end])} of {e_value(row.threshold)})"
        )

    @property
    def _model(self) -> str:
        return self._info.model if self._info else ""


def check_margins(policy: Policy, contexts: Mapping[tuple[str, int], int]) -> None:
    """Refuse, before anything is asked, a task at a length that could not be proven if no answer ever differed.

    Args:
        policy: what will decide.
        contexts: how many there are, by task and length.

    Raises:
        ConfigError: with the number of contexts that it takes.
    """
    for (task, length), there in contexts.items():
        applied = policy.applied(task, length)
        needed = contexts_without_loss(applied.margin, policy.defaults.alpha)
        if applied.level == "error" and needed > there:
            raise _out_of_reach(place(task, length), policy.name, applied.margin, f"{there} contexts, {needed} needed")


def check_reach(design: Design, baseline: Run) -> None:
    """Refuse a plan in which a required row could not be proven even if no answer ever differed.

    Raises:
        ConfigError: with the number of contexts that it takes.
    """
    lacking = out_of_reach(design, baseline)
    if not lacking:
        return
    alpha = design.rule.policy.defaults.alpha
    needed = {row: contexts_without_loss(row.margin, alpha) for row in lacking}
    worst = max(lacking, key=lambda row: needed[row] / max(lacking[row], 1))
    more = f"; {len(lacking) - 1} more rows like it" if len(lacking) > 1 else ""
    found = f"{lacking[worst]} contexts, {needed[worst]} needed{more}"
    raise _out_of_reach(worst.name, design.rule.policy.name, worst.applied.margin, found)


def _out_of_reach(row: str, policy: str, margin: float, found: str) -> ConfigError:
    return ConfigError(
        f"{row} cannot be proven by early stopping, even if no answer ever differs",
        where=f"{policy}: margin {margin:g}",
        found=found,
        fix="more contexts, a wider margin, a run of fixed size, or --allow-underpowered",
    )


def _key(result: Result) -> tuple[str, int]:
    return result.sample_id, result.replicate
