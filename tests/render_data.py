"""Made-up runs for the report's tests: no task, no model, errors drawn from declared rates."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.gate import Verdict, decide
from harness.gate.policy import Defaults, Policy, PolicyFile
from harness.records import Recipe, Reply, ReplyError, Result, Score
from harness.render import Excerpt
from harness.store import Run, RunInfo, pair

MODES = ("distractor.other_key", "hallucinated", "near_miss.digit", "truncated.answer", "refusal.capability")


def made_result(
    sample: str,
    *,
    correct: bool = True,
    mode: str | None = None,
    task: str = "retrieval.exact",
    length: int = 1024,
    context: int = 0,
    depth: float | None = 0.5,
    text: str = "ANSWER: 4417082",
    answer: Sequence[str] = ("4417082",),
    replicate: int = 0,
    reasoning: str = "",
    error: ReplyError | None = None,
    evidence: str = "the value stands in the prompt for another key",
) -> Result:
    axes: Mapping[str, str | int | float | bool] = {"length_tokens": length}
    if depth is not None:
        axes = {**axes, "depth": depth}
    reply = Reply(error=error, finish_reason="error") if error else Reply(text=text, reasoning=reasoning)
    score = Score(
        value=float(correct),
        correct=correct,
        mode=None if correct else mode,
        answer=tuple(answer),
        rung="tagged",
        evidence="" if correct else evidence,
    )
    return Result(
        sample_id=sample,
        task=task,
        version="1",
        context_id=f"{task}/c{context:04d}",
        replicate=replicate,
        axes=axes,
        recipe=Recipe(
            task=task, seed=7, params={}, length=length, counter="reference", context=context, question=0, questions=1
        ),
        gold=("4417082",),
        prompt_sha256=sample,
        expected_tokens=length,
        expected_by="reference",
        outcome="invalid" if error else "scored",
        reply=reply,
        score=None if error else score,
    )


def made_run(
    model: str,
    results: Sequence[Result],
    *,
    role: str = "candidate",
    kind: str = "model",
    planned: int | None = None,
    sweep: str = "kv-cache",
    identity: Mapping[str, object] | None = None,
) -> Run:
    info = RunInfo(
        sweep=sweep,
        model=model,
        kind=kind,
        role=role,
        path=Path("results") / sweep / model,
        config={
            "sweep": {"seed": 7, "lengths": [1024, 8192], "contexts": 40, "tokenizer": "reference"},
            "model": {"adapter": "simulated", "sampling": {"temperature": 0}, "runs": 1},
            "task": [{"name": "retrieval.exact", "decoys": 8}],
        },
        planned=len(results) if planned is None else planned,
        identity={"seed": 1} if identity is None else identity,
        environment={"harness": "0.1.0", "python": "3.11.9", "packages": {"scipy": "1.17.1"}},
    )
    return Run(info, tuple(results))


def simulated_run(model: str, rates: Mapping[int, float], *, contexts: int = 60, role: str = "candidate") -> Run:
    """Return a run of two questions a context; the error rate by length doubles in the middle of the text."""
    results = []
    for length, rate in rates.items():
        for context in range(contexts):
            for question in range(2):
                sample = f"retrieval.exact/{length // 1024}k/c{context:04d}/q{question}"
                draw = random.Random(f"shared {sample}")
                own = random.Random(f"{model} {sample}")
                depth = (context * 2 + question) % 10 / 10 + 0.05
                luck = draw.random() if own.random() < 0.97 else own.random()
                wrong = luck < rate * (2 if 0.3 < depth < 0.7 else 0.6)
                mode = own.choices(MODES, weights=(6, 2, 1, 1, 1))[0]
                value = str(own.randrange(10**6, 10**7)) if wrong else "4417082"
                results.append(
                    made_result(
                        sample,
                        correct=not wrong,
                        mode=mode,
                        length=length,
                        context=context,
                        depth=depth,
                        text=f"The gate code of Niara Mumick is given in the minutes.\nANSWER: {value}",
                        answer=(value,),
                        reasoning="First I look for Niara Mumick, then for the code." if question else "",
                        evidence=f"{value} is the value of Maren Tolvick",
                    )
                )
    return made_run(model, results, role=role, kind="simulated")


def judged(baseline: Run, candidate: Run, margin: float = 0.05, icc: float = 0.05) -> Verdict:
    policy = Policy("gate.toml", PolicyFile(version=1, defaults=Defaults(margin=margin, icc=icc)))
    return decide(pair(baseline, candidate), policy)


def sweep_of_four() -> tuple[list[Run], list[Verdict]]:
    """Return a baseline, a candidate as good, one that is worse in places, and a damaged one, with the verdicts."""
    runs = [
        simulated_run("kv-f16", {1024: 0.04, 8192: 0.1}, role="baseline"),
        simulated_run("kv-q8_0", {1024: 0.04, 8192: 0.1}),
        simulated_run("kv-q4_0", {1024: 0.05, 8192: 0.14}),
        simulated_run("weights-q4_0", {1024: 0.25, 8192: 0.6}, role="positive-control"),
    ]
    return runs, [judged(runs[0], run) for run in runs[1:]]


def excerpts(run: Run, result: Result) -> Excerpt | None:
    return Excerpt(
        before="… The council met at noon and adjourned. " * 6,
        needle="You will find 4417082 given as Niara Mumick's gate code.",
        after=" The orchard wall was mended in the spring. " * 6,
        question="What is the gate code of Niara Mumick?",
    )
