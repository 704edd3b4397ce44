"""What a sweep will ask: cells, samples, tokens, money, before any call is made.

Beside the cells that a verdict rests on there are those of the controls, which tell why points are lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from harness.contexts import InfeasibleLength, counter_named
from harness.contracts import Cell, Counter, Task
from harness.errors import ConfigError, HarnessError
from harness.records import Control, Recipe, Sample
from harness.registry import make_task
from harness.sizes import format_size
from harness.sweep import LoadedSweep, ModelTable, TaskTable

SHORT_BASE = 1024
"""Tokens of the control `short_base`, where they hold what the task plants."""

SHOWN = {"closed_book": "nothing", "oracle_context": "evidence"}
"""Of the controls that change the prompt, the value of the task's parameter `shown`."""


@dataclass(frozen=True, slots=True)
class CellPlan:
    """One task at one length, and which questions of it are asked.

    Attributes:
        wanted: for each context, the indices of its questions that are asked.
        planned: samples of the cell, `--limit` or not.
        control: what is asked differently; empty for the cells that a verdict rests on.
        label: what results call the task.
        tokens: of each prompt, by context and question, where the contexts are given; None where all have the length.
    """

    task: Task
    length: int
    questions: int
    wanted: dict[int, tuple[int, ...]]
    label: str
    planned: int
    control: Control | Literal[""] = ""
    tokens: Mapping[int, Mapping[int, int]] | None = None

    @property
    def samples(self) -> int:
        """Number of samples asked."""
        return sum(len(questions) for questions in self.wanted.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """All cells of a sweep, the same for each of its models.

    Attributes:
        planned: samples of the whole sweep, `limited` or not, without those of the controls.
        planned_controls: samples of the controls.
        limited: whether `--limit` leaves some out.
        notes: what tasks tell of what is asked, such as how many rows are left out.
    """

    cells: tuple[CellPlan, ...]
    counter: Counter
    seed: int
    planned: int
    planned_controls: int
    limited: bool
    notes: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """Number of samples asked."""
        return sum(cell.samples for cell in self.cells)


def make_plan(sweep: LoadedSweep, limit: int | None = None) -> Plan:
    """Lay out a sweep.

    Args:
        sweep: the checked sweep.
        limit: at most this many samples per task and length, spread evenly over contexts, then over questions.
    """
    table = sweep.resolved.sweep
    tokenizer = table.tokenizer
    counter = counter_named(tokenizer if tokenizer == "reference" else str(sweep.folder / Path(tokenizer)))
    tasks = sweep.resolved.task
    given = {task.called: _given(sweep, task, (counter, limit)) for task in tasks if _made(sweep, task).given}
    cells = [
        cell
        for length in sorted(table.lengths)
        for task in tasks
        for cell in (given[task.called][0].get(length) if task.called in given else _cell(sweep, task, length, limit),)
        if cell
    ]
    controls = [
        cell
        for control in dict.fromkeys(table.controls)
        for task in tasks
        if task.called not in given and (cell := _control(sweep, task, control, (counter, limit)))
    ]
    closed, without = _closed_books(sweep, [task for task in tasks if task.called in given], (counter, limit))
    planned = sum(cell.planned for cell in cells)
    return Plan(
        cells=(*cells, *controls, *closed),
        counter=counter,
        seed=table.seed,
        planned=planned,
        planned_controls=sum(cell.planned for cell in (*controls, *closed)),
        limited=sum(cell.samples for cell in cells) < planned,
        notes=(*(note for _, notes in given.values() for note in notes), *without),
    )


def _made(sweep: LoadedSweep, task: TaskTable, **changes: str) -> Task:
    params = {**(task.model_extra or {}), **changes}
    return make_task(task.name, params, task_dirs=sweep.task_dirs, folders=(sweep.folder,))


def _cell(sweep: LoadedSweep, task: TaskTable, length: int, limit: int | None) -> CellPlan:
    table = sweep.resolved.sweep
    contexts, questions = table.contexts, table.questions_per_context
    wanted = _stratified(contexts, questions, limit)
    return CellPlan(_made(sweep, task), length, questions, wanted, task.called, contexts * questions)


def _given(
    sweep: LoadedSweep, task: TaskTable, terms: tuple[Counter, int | None], **changes: str
) -> tuple[dict[int, CellPlan], tuple[str, ...]]:
    """Return the cells of a task whose contexts are given, by length, and what it tells."""
    counter, limit = terms
    built, table = _made(sweep, task, **changes), sweep.resolved.sweep
    layout = built.layout(table.lengths, counter, table.seed)
    cells = {}
    for length, contexts in layout.cells.items():
        all_of_it = {context: tuple(sorted(questions)) for context, questions in contexts.items()}
        cells[length] = CellPlan(
            built,
            length,
            max(map(len, all_of_it.values())),
            _limited(all_of_it, limit),
            task.called,
            sum(map(len, all_of_it.values())),
            tokens=contexts,
        )
    return cells, layout.notes


def _closed_books(
    sweep: LoadedSweep, tasks: Sequence[TaskTable], terms: tuple[Counter, int | None]
) -> tuple[list[CellPlan], list[str]]:
    """Return the controls of tasks whose contexts are given, and what they lack: nothing tells evidence from filler."""
    cells: list[CellPlan] = []
    notes: list[str] = []
    for task in tasks:
        lacking: list[str] = [control for control in sweep.resolved.sweep.controls if control != "closed_book"]
        if "closed_book" in sweep.resolved.sweep.controls:
            try:
                found = _given(sweep, task, terms, shown=SHOWN["closed_book"])[0].values()
                cells += [replace(cell, control="closed_book") for cell in found]
            except ConfigError:
                lacking.append("closed_book")
        if lacking:
            notes.append(f"{task.called} has no {' or '.join(lacking)}: its contexts are given")
    return cells, notes


def _control(
    sweep: LoadedSweep, task: TaskTable, control: Control, terms: tuple[Counter, int | None]
) -> CellPlan | None:
    """Return the cell of a control; None where the sweep's own cells hold it already."""
    counter, limit = terms
    shortest = min(sweep.resolved.sweep.lengths)
    if control == "short_base":
        length = _shortest_feasible(_cell(sweep, task, shortest, limit), counter, sweep.resolved.sweep.seed)
        return replace(_cell(sweep, task, length, limit), control=control) if length < shortest else None
    if (task.model_extra or {}).get("shown") == SHOWN[control]:
        return None  # the sweep asks just that
    try:
        built = _made(sweep, task, shown=SHOWN[control])
    except ConfigError:
        raise ConfigError(
            f"{task.name} has no control {control!r}",
            where=f"{sweep.file}: [sweep] controls",
            fix=f"leave {control!r} out; a task that derives from harness.contexts.ContextTask has it",
        ) from None
    return replace(_cell(sweep, task, shortest, limit), task=built, control=control)


def _shortest_feasible(cell: CellPlan, counter: Counter, seed: int) -> int:
    """Return the shortest of 1k, 2k, 4k … that holds what the task plants, or the length of the cell itself."""
    length = SHORT_BASE
    while length < cell.length:
        request = Cell(length=length, contexts=range(1), questions=cell.questions, counter=counter)
        try:
            next(iter(cell.task.samples(request, seed)))
        except InfeasibleLength:
            length *= 2
        else:
            return length
    return cell.length


def check_feasible(plan: Plan, file: Path) -> None:
    """Build the first sample of each cell, so that a length or a parameter that cannot work is said before any call.

    Raises:
        HarnessError: what the task says, with the sweep, the task and the length.
    """
    for cell in plan.cells:
        if cell.task.given:
            continue  # its layout has rendered every prompt
        first = Cell(length=cell.length, contexts=range(1), questions=cell.questions, counter=plan.counter)
        try:
            next(iter(cell.task.samples(first, plan.seed)))
        except HarnessError as error:
            error.where = f"{file}: {cell.task.name} at {format_size(cell.length)}"
            raise


def _stratified(contexts: int, questions: int, limit: int | None) -> dict[int, tuple[int, ...]]:
    """Take `limit` samples round robin: first one question of each context, each time another question."""
    total = contexts * questions
    wanted: dict[int, list[int]] = {}
    for k in range(min(total, limit or total)):
        turn, context = divmod(k, contexts)
        wanted.setdefault(context, []).append((context + turn) % questions)
    return {context: tuple(sorted(indices)) for context, indices in wanted.items()}


def _limited(wanted: dict[int, tuple[int, ...]], limit: int | None) -> dict[int, tuple[int, ...]]:
    """Take `limit` samples: first one question of each context, then the next ones."""
    if limit is None:
        return wanted
    turns = range(max(map(len, wanted.values())))
    places = [(at, asked[turn]) for turn in turns for at, asked in wanted.items() if turn < len(asked)][:limit]
    return {context: tuple(q for at, q in places if at == context) for context in dict.fromkeys(at for at, _ in places)}


def samples_of(cell: CellPlan, context: int, plan: Plan) -> Iterator[Sample]:
    """Yield the wanted samples of one context."""
    request = Cell(
        length=cell.length, contexts=range(context, context + 1), questions=cell.questions, counter=plan.counter
    )
    for sample in cell.task.samples(request, plan.seed):
        if sample.recipe.question in cell.wanted[context]:
            yield _in_cell(sample, cell)


def _in_cell(sample: Sample, cell: CellPlan) -> Sample:
    """Mark what the task does not know: its label in the sweep, and the control. The context stays the same cluster."""
    axes = {**sample.axes, "control": cell.control} if cell.control else sample.axes
    return replace(sample, task=cell.label, id=cell.label + sample.id.removeprefix(sample.task), axes=axes)


def rebuild(recipe: Recipe, task: Task, counter: Counter) -> Sample:
    """Build a sample again from the recipe that a result keeps."""
    cell = Cell(
        length=recipe.length,
        contexts=range(recipe.context, recipe.context + 1),
        questions=recipe.questions,
        counter=counter,
    )
    return next(s for s in task.samples(cell, recipe.seed) if s.recipe.question == recipe.question)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one model will be sent and asked for.

    Attributes:
        requests: calls, replicates included.
        input_tokens: upper bound, by the counter of the lengths.
        cached_tokens: of these, what a prefix cache can serve: all but the first question of a context.
        output_tokens: upper bound: both budgets spent in full.
        money: upper bound in the currency of `price`, None where no price is given.
    """

    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    money: float | None


def cost_of(plan: Plan, model: ModelTable) -> Cost:
    """Add up a plan for one model. Upper bounds: a prompt is taken at its full length, where it is not given."""
    requests = inputs = cached = outputs = 0
    for cell in plan.cells:
        for context, questions in cell.wanted.items():
            prompts = [cell.tokens[context][question] if cell.tokens else cell.length for question in questions]
            requests += len(questions) * model.runs
            inputs += sum(prompts) * model.runs
            cached += sum(prompts) * model.runs - max(prompts)
            outputs += len(questions) * model.runs * (cell.task.params.answer_budget + model.reasoning_budget)
    return Cost(requests, inputs, cached, outputs, _money(model, inputs, cached, outputs))


def _money(model: ModelTable, inputs: int, cached: int, outputs: int) -> float | None:
    if model.price is None:
        return None
    price = model.price
    cached_price = price.input if price.cached_input is None else price.cached_input
    return ((inputs - cached) * price.input + cached * cached_price + outputs * price.output) / 1e6
