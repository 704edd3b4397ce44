"""The battery passes for the built-in tasks, and each check fails for a task that breaks just its rule."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from harness.battery import check_task
from harness.battery.check import CHECKS, CONTROLS, make_bench
from harness.battery.replies import hostile
from harness.registry import built_in_tasks_dir, make_task, task_classes
from harness.scaffold import write_family

BREAKING = """

class Broken(TicketsPriorityTask):
    name = "tickets.broken"
{body}

TASKS = (TicketsPriorityTask, Broken)
"""

WHEN = """
    def score(self, sample, reply):
        from dataclasses import replace
        score = super().score(sample, reply)
        return replace(score, value=1.0, correct=True, mode=None) if {condition} else score
"""
GENEROUS = {
    "an empty reply": "not reply.text",
    "white space": "reply.text.isspace()",
    "a refusal": "'sorry' in reply.text",
    "an echo of the prompt": "sample.gold[0] in reply.text and sample.question in reply.text",
    "an echo of the context": "sample.gold[0] in reply.text and len(reply.text) > 1500",
    "an echo of the question": "reply.text == sample.question",
    "a word of the question": "'priority' in reply.text and ' ' not in reply.text",
    "another sample's answer": "reply.text in {f'ANSWER: {value}' for value in VALUES}",
    "a list of all planted values": "sample.gold[0] in reply.text and len(reply.text) < 100",
}

BROKEN = {
    "the oracle scores 1": """
    def oracle(self, prompt):
        return ("olive",)
""",
    "one answer to everything earns no more than the floor": """
    floor = 0.0

    def build(self, place):
        from dataclasses import replace
        context = super().build(place)
        return replace(context, questions=tuple(replace(q, gold=("olive",)) for q in context.questions))
""",
    "reasoning is no part of the answer": """
    def score(self, sample, reply):
        from dataclasses import replace
        return super().score(sample, replace(reply, text=reply.text + reply.reasoning, finish_reason="stop"))
""",
    "the answer fits its budget": """
    def ideal_reply(self, gold):
        return "After long thought: " * 20 + super().ideal_reply(gold)
""",
    "no reply breaks the score": """
    def score(self, sample, reply):
        reply.text.encode()
        return super().score(sample, reply)
""",
    "planted mistakes get their own mode": """
    def mistakes(self, sample):
        return {"distractor.other": "ANSWER: " + sample.data["before"]}
""",
    "a score depends on sample and reply alone": """
    asked = 0

    def score(self, sample, reply):
        from dataclasses import replace
        self.asked += 1
        return replace(super().score(sample, reply), evidence=str(self.asked))
""",
    "sample ids are unique": """
    def samples(self, cell, seed):
        from dataclasses import replace
        return (replace(sample, id="one") for sample in super().samples(cell, seed))
""",
    "no two samples ask the same": """
    def prompt(self, sample):
        return self.context(sample).messages(0)
""",
    "lengths are kept": """
    def prompt(self, sample):
        from dataclasses import replace
        return [replace(m, content=m.content + " and so on" * 100) for m in super().prompt(sample)]
""",
    "spans are true": """
    def prompt(self, sample):
        from dataclasses import replace
        return [replace(m, content="Please: " + m.content) for m in super().prompt(sample)]
""",
    "axes are plain": """
    def samples(self, cell, seed):
        from dataclasses import replace
        for sample in super().samples(cell, seed):
            yield replace(sample, axes={**sample.axes, **({"odd": 1} if sample.recipe.question else {})})
""",
    "samples are plain": """
    def samples(self, cell, seed):
        from dataclasses import replace
        return (replace(sample, data={**sample.data, "set": {1}}) for sample in super().samples(cell, seed))
""",
    "the same bytes in a new process": """
    def prompt(self, sample):
        import os
        from dataclasses import replace
        return [replace(m, content=f"{m.content} {os.getpid()}") for m in super().prompt(sample)]
""",
    "the same bytes in another order": """
    def build(self, place):
        from dataclasses import replace
        self.built = getattr(self, "built", 0) + 1
        return super().build(replace(place, key=(*place.key, self.built)))
""",
    "the same bytes from the recipe": """
    def samples(self, cell, seed):
        from dataclasses import replace
        for sample in super().samples(cell, seed):
            yield replace(sample, recipe=replace(sample.recipe, params={**sample.recipe.params, "keys": 5}))
""",
    "another seed asks something else": """
    def build(self, place):
        from dataclasses import replace
        return super().build(replace(place, key=(0, *place.key[1:])))
""",
    "the same facts at every length": """
    def build(self, place):
        from dataclasses import replace
        return super().build(replace(place, key=(*place.key, place.length)))
""",
    "the evidence alone is enough": """
    def build(self, place):
        from dataclasses import replace
        context = super().build(place)
        return replace(context, questions=tuple(replace(q, evidence="Nothing.") for q in context.questions))
""",
    "closed book leaves out the context": """
    def prompt(self, sample):
        return self.context(sample).messages(sample.recipe.question)
""",
}

BREAKS = {
    **{f"{label} earns no more than the floor": WHEN.format(condition=when) for label, when in GENEROUS.items()},
    **BROKEN,
}


@pytest.fixture
def family(tmp_path: Path) -> Path:
    return write_family("tickets.priority", tmp_path)[0].parent


def broken(family: Path, body: str) -> Path:
    with (family / "task.py").open("a") as file:
        file.write(BREAKING.format(body=body))
    return family


@pytest.mark.parametrize("name", sorted(name for name, cls in task_classes().items() if not cls.given))
def test_built_in_tasks_pass(name: str) -> None:
    assert built_in_tasks_dir().is_dir()
    failed = [finding for finding in check_task(name, {}, lengths=(1024, 4096)) if not finding.passed]
    assert failed == []


@pytest.mark.parametrize("check", [*CHECKS, *CONTROLS])
def test_each_check_fails_for_a_task_that_breaks_its_rule(family: Path, check: str) -> None:
    broken(family, BREAKS[check])
    run = {**CHECKS, **CONTROLS}[check]
    for name, expected in (("tickets.priority", True), ("tickets.broken", False)):
        findings, bench = make_bench(name, {}, [family], lengths=(1024, 2048))
        assert bench, findings
        passed, detail = run(bench)
        assert passed is expected, detail
        assert detail
        assert "\n" not in detail


def test_a_score_that_looks_for_the_answer_anywhere_is_found_out(family: Path) -> None:
    body = WHEN.format(condition="sample.gold[0] in reply.text")
    findings = check_task("tickets.broken", {}, [broken(family, body)], lengths=(1024,))
    assert [finding.check for finding in findings if not finding.passed] == [
        "an echo of the prompt earns no more than the floor",
        "an echo of the context earns no more than the floor",
        "a list of all planted values earns no more than the floor",
        "reasoning is no part of the answer",
    ]


def test_a_wrong_score_is_told_with_its_sample_and_reply(family: Path) -> None:
    body = """
    def score(self, sample, reply):
        from dataclasses import replace
        return replace(super().score(sample, reply), mode=None)
"""
    findings = check_task("tickets.broken", {}, [broken(family, body)], lengths=(1024,))
    told = {finding.check: finding.detail for finding in findings if not finding.passed}
    expected = "tickets.broken/1k/c0000/q0: correct is False and the mode None, for ''"
    assert told["an empty reply earns no more than the floor"] == expected


def test_what_a_task_raises_is_a_failed_check_with_file_and_line(family: Path) -> None:
    body = """
    def score(self, sample, reply):
        return int(reply.text)
"""
    findings = check_task("tickets.broken", {}, [broken(family, body)], lengths=(1024,))
    failed = {finding.check: finding.detail for finding in findings if not finding.passed}
    lines = (family / "task.py").read_text().splitlines()
    place = f"({family / 'task.py'}:{lines.index('        return int(reply.text)') + 1})"
    detail = failed["an empty reply earns no more than the floor"]
    assert detail.startswith("tickets.broken/1k/c0000/q0: ValueError: invalid literal for int()")
    assert place in detail
    assert "the oracle scores 1" in failed
    assert "the same bytes in a new process" not in failed


def test_a_pattern_that_runs_away_is_stopped(family: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = r"""
    def score(self, sample, reply):
        re.match(r"(a|a)*b", reply.text)
        return super().score(sample, reply)
"""
    monkeypatch.setattr("harness.battery.scores.SLOW_S", 0.5)
    _, bench = make_bench("tickets.broken", {}, [broken(family, body)], lengths=(1024,))
    assert bench
    passed, detail = CHECKS["no reply breaks the score"](bench)
    assert not passed
    assert "no score after 0 s, for 'aaaa" in detail or "MemoryError" in detail


def test_a_task_that_cannot_be_built_fails_at_each_length(family: Path) -> None:
    body = """
    def build(self, place):
        return {}["nothing"]
"""
    findings = check_task("tickets.broken", {}, [broken(family, body)], lengths=(1024, 2048))
    assert [(f.check, f.passed) for f in findings] == [
        ("samples at 1k", False),
        ("samples at 2k", False),
        ("some length is feasible", False),
    ]
    assert findings[0].detail.startswith("KeyError: 'nothing' (")


def test_a_length_that_does_not_hold_the_facts_is_passed_over(family: Path) -> None:
    findings = check_task("tickets.priority", {"keys": 16}, [family], lengths=(256, 2048))
    assert [f.check for f in findings if not f.passed] == []
    assert findings[0].detail.startswith("not feasible: what is planted needs")


def test_fewer_questions_are_asked_where_the_parameters_make_fewer(family: Path) -> None:
    findings = check_task("tickets.priority", {"keys": 2}, [family], lengths=(1024,))
    assert [f.check for f in findings if not f.passed] == []
    assert findings[0].detail == "12 samples, 6 contexts"


def test_guessing_may_earn_the_floor_and_not_more(family: Path) -> None:
    guess = inspect.cleandoc(WHEN.format(condition="reply.text == sample.question and sample.gold[0] == 'olive'"))
    broken(family, "\n".join(f"    {line}" for line in guess.splitlines()) + "\n")
    _, bench = make_bench("tickets.broken", {}, [family], lengths=(1024,))
    assert bench
    earned = CHECKS["an echo of the question earns no more than the floor"](bench)
    assert earned[0], earned
    assert not earned[1].startswith("0.000")


def test_hostile_replies_hold_what_has_broken_readers() -> None:
    texts = [reply.text for reply in hostile()]
    assert any("\ud800" in text for text in texts)
    assert any("\x00" in text for text in texts)
    assert any("\u202e" in text for text in texts)
    assert any(text.startswith("[" * 1000) for text in texts)
    assert max(map(len, texts)) >= 200_000
    task = make_task("retrieval.exact", {})
    assert task.floor == 0
