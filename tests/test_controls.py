"""The controls: the same questions asked otherwise, which say why points are lost and never move a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine.run_model import Options, run_model
from harness.errors import ConfigError
from harness.gate import decide, load_policy
from harness.plan import make_plan, samples_of
from harness.render.arms import make_arms
from harness.render.losses import make_losses
from harness.store import Run, load_run, pair
from harness.sweep import load_sweep

ALL = 'controls = ["closed_book", "oracle_context", "short_base"]\n'


def sweep(tmp_path: Path, text: str, controls: str = ALL):
    file = tmp_path / "sweep.toml"
    file.write_text(text.replace('lengths = ["1k"]', f'lengths = ["2k", "4k"]\n{controls}'))
    return load_sweep(file)


def answer(tmp_path: Path, loaded, index: int) -> Run:
    asked = []
    options = Options(results=tmp_path / "results", start=lambda *_: asked.append, say=lambda _: None)
    run = load_run(run_model(loaded, loaded.resolved.model[index], make_plan(loaded), options))
    run.__dict__["new_replies"] = len(asked)
    return run


def test_each_control_is_asked_once_whatever_the_lengths(tmp_path: Path, sweep_text: str) -> None:
    plan = make_plan(sweep(tmp_path, sweep_text))
    cells = [(cell.length, cell.control) for cell in plan.cells]
    assert cells == [(2048, ""), (4096, ""), (2048, "closed_book"), (2048, "oracle_context"), (1024, "short_base")]
    assert (plan.planned, plan.planned_controls, plan.limited) == (16, 24, False)
    ids = [sample.id for cell in plan.cells for context in cell.wanted for sample in samples_of(cell, context, plan)]
    assert len(set(ids)) == len(ids) == 40


def test_the_same_questions_are_asked_otherwise(tmp_path: Path, sweep_text: str) -> None:
    plan = make_plan(sweep(tmp_path, sweep_text))
    asked = {
        cell.control: [(s, cell.task.prompt(s)[0].content) for s in samples_of(cell, 1, plan)]
        for cell in plan.cells[1:]
    }
    whole = asked[""]
    for control, samples in asked.items():
        assert [(s.question, s.gold, s.context_id) for s, _ in samples] == [
            (s.question, s.gold, s.context_id) for s, _ in whole
        ]
        assert all(s.axes.get("control", "") == control for s, _ in samples)
    for sample, prompt in asked["closed_book"]:
        assert not any(value in prompt for value in sample.gold)
    for (_, prompt), (sample, text) in zip(whole, asked["oracle_context"], strict=True):
        lines = text.split("\n\n")[1].split("\n") if sample.gold else []
        assert all(line in prompt for line in lines)
        assert all(value in text for value in sample.gold)
        assert len(text) < len(prompt) / 4


def test_a_length_of_1k_is_its_own_short_base(tmp_path: Path, sweep_text: str) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(sweep_text.replace('lengths = ["1k"]', f'lengths = ["1k", "2k"]\n{ALL}'))
    assert [c.control for c in make_plan(load_sweep(file)).cells] == ["", "", "closed_book", "oracle_context"]


def test_controls_enter_no_verdict_and_split_what_is_lost(tmp_path: Path, sweep_text: str) -> None:
    loaded = sweep(tmp_path, sweep_text)
    oracle, lexical = answer(tmp_path, loaded, 0), answer(tmp_path, loaded, 1)
    comparison = pair(oracle, lexical)
    assert len(comparison.pairs) == comparison.planned == 16
    assert not comparison.missing
    without = Run(lexical.info, lexical.measured)
    assert decide(comparison, load_policy(None)) == decide(pair(oracle, without), load_policy(None))

    tables = {table.arm.label: table.rows for table in make_losses(make_arms([oracle, lexical], []))}
    for row in tables["oracle"]:
        assert (row.right.value, row.reasoning.value, row.finding.value, row.length_loss.value) == (1, 0, 0, 0)
    for row in tables["lexical"]:
        lost = row.reasoning.value + row.finding.value + row.length_loss.value
        assert lost == pytest.approx(1 - row.right.value)
        assert row.known.n == row.finding.n == 8


def test_controls_may_be_added_to_a_finished_run(tmp_path: Path, sweep_text: str) -> None:
    first = answer(tmp_path, sweep(tmp_path, sweep_text, ""), 1)
    assert (len(first.results), first.info.planned_controls) == (16, 0)
    second = answer(tmp_path, sweep(tmp_path, sweep_text), 1)
    assert (len(second.measured), len(second.results), second.new_replies) == (16, 40, 24)
    assert (second.info.planned, second.info.planned_controls) == (16, 24)


def test_a_task_without_the_parameter_has_no_control(tmp_path: Path, sweep_text: str) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "task.py").write_text(
        "from harness.contracts import Params, Task\n\n\nclass Odd(Task):\n"
        '    name = "odd.task"\n    version = "1"\n    summary = "no contexts"\n    Params = Params\n'
        "    def samples(self, cell, seed): return iter(())\n    def prompt(self, sample): return []\n"
        "    def score(self, sample, reply): ...\n    def oracle(self, prompt): return ()\n"
        '    def ideal_reply(self, gold): return ""\n\n\nTASKS = (Odd,)\n'
    )
    file = tmp_path / "sweep.toml"
    text = sweep_text.replace('name = "retrieval.exact"\nkeys = 4\ndecoys = 2', 'name = "odd.task"')
    file.write_text(text.replace('lengths = ["1k"]', f'lengths = ["2k"]\n{ALL}'))
    with pytest.raises(ConfigError, match="has no control 'closed_book'"):
        make_plan(load_sweep(file, task_dirs=[folder]))


def test_a_control_that_the_sweep_asks_anyway_is_not_asked_twice(tmp_path: Path, sweep_text: str) -> None:
    loaded = sweep(tmp_path, sweep_text.replace("keys = 4", 'keys = 4\nshown = "nothing"'))
    assert [cell.control for cell in make_plan(loaded).cells] == ["", "", "oracle_context", "short_base"]
