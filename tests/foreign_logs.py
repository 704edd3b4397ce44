"""Runs lm-eval and Inspect for real, on made-up models, and leaves their logs in a folder: `foreign_logs.py lm-eval|inspect FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DOCS = 400
ROWS = [
    {"question": f"What is {i} + {i}?", "answer": str(2 * i), "kind": "even" if i % 2 == 0 else "odd", "page": i // 4}
    for i in range(DOCS)
]
SAMPLES = 20


def lm_eval_logs(folder: Path) -> None:
    import datasets
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.tasks import TaskManager

    class MadeUp(LM):
        tokenizer_name = "made-up"

        def __init__(self, wrong: range) -> None:
            super().__init__()
            self.wrong = wrong

        def chat_template(self, chat_template: Any = False) -> str:
            return "made-up"

        def apply_chat_template(self, chat_history: Any, add_generation_prompt: bool = True) -> str:
            return json.dumps(chat_history)

        def generate_until(self, requests: Any, **_: Any) -> list[str]:
            numbers = [int(request.doc["answer"]) for request in requests]
            return ["" if n // 2 in self.wrong else f"The answer is {n}" for n in numbers]

        def loglikelihood(self, requests: Any, **_: Any) -> Any:
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    shared = {
        "custom_dataset": lambda **_: {"test": datasets.Dataset.from_list(ROWS)},
        "dataset_path": "",
        "dataset_name": "",
        "test_split": "test",
        "metadata": {"version": 1.0},
    }
    sums = shared | {
        "task": "sums",
        "output_type": "generate_until",
        "doc_to_text": "{{question}}\nAnswer:",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["\n\n"], "max_gen_toks": 16, "do_sample": False},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
        "filter_list": [
            {
                "name": name,
                "filter": [{"function": "regex", "regex_pattern": pattern}, {"function": "take_first"}],
            }
            for name, pattern in (("strict", r"answer is (\d+)"), ("loose", r"(\d+)"))
        ],
    }
    pick = shared | {
        "task": "pick",
        "output_type": "multiple_choice",
        "doc_to_text": "{{question}}",
        "doc_to_choice": ["odd", "even"],
        "doc_to_target": "{{kind}}",
        "metric_list": [
            {"metric": name, "aggregation": "mean", "higher_is_better": True} for name in ("acc", "acc_norm")
        ],
    }
    manager = TaskManager(include_defaults=False)

    def run(name: str, model: Any, tasks: list[Any], **settings: Any) -> None:
        tracker = EvaluationTracker(output_path=str(folder))
        found = simple_evaluate(
            model=model,
            model_args={"model": name},
            tasks=tasks,
            task_manager=manager,
            evaluation_tracker=tracker,
            bootstrap_iters=0,
            **settings,
        )
        samples = found.pop("samples")
        tracker.save_results_aggregated(results=found, samples=samples)
        for task in samples:
            tracker.save_results_samples(task, samples[task])

    run("acme/small-bf16", MadeUp(range(20)), [sums])
    run("acme/small-int4", MadeUp(range(20, 40)), [sums])
    run("acme/small-int3", MadeUp(range(60)), [sums])
    run("acme/small-chat", MadeUp(range(20)), [sums], apply_chat_template=True, system_instruction="Be brief.")
    run("dummy", "dummy", [sums, pick], limit=10)


def inspect_logs(folder: Path) -> None:
    from inspect_ai import Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import Score, includes, mean, scorer
    from inspect_ai.solver import generate, solver, system_message

    rows = [
        Sample(id=f"s{i}", input=ROWS[i]["question"], target=ROWS[i]["answer"], metadata=ROWS[i])
        for i in range(SAMPLES)
    ]

    @scorer(metrics=[mean()])
    def partly() -> Any:
        async def score(state: Any, target: Any) -> Score:
            if state.sample_id == "s3":
                return Score.unscored(reason="grader_failed")
            return Score(value={"s4": "P", "s5": 0.25, "s6": "N"}.get(state.sample_id, "C"))

        return score

    @solver
    def failing() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            if state.sample_id == "s9":
                raise RuntimeError("maximum context length is 8192 tokens")
            return state

        return solve

    def run(name: str, wrong: set[int], form: Any) -> None:
        def reply(i: int) -> ModelOutput:
            text = "no idea" if i in wrong else f"It is {ROWS[i]['answer']}"
            output = ModelOutput.from_content("mockllm/model", text, stop_reason="max_tokens" if i == 7 else "stop")
            output.usage = ModelUsage(input_tokens=11, output_tokens=4, total_tokens=18, input_tokens_cache_read=3)
            return output

        outputs = [reply(i) for _ in range(2) for i in range(SAMPLES) if i != 9]
        task = Task(
            dataset=MemoryDataset(rows, name="sums"),
            solver=[failing(), system_message("Be brief."), generate()],
            scorer=[includes(), partly()],
            name="sums",
            epochs=2,
            config=GenerateConfig(temperature=0.0),
        )
        (log,) = evaluate(
            task,
            model=get_model("mockllm/model", custom_outputs=outputs),
            log_dir=str(folder),
            log_format=form,
            display="none",
            max_samples=1,
            max_connections=1,
            fail_on_error=False,
        )
        assert log.status == "success", log.error
        Path(log.location.removeprefix("file://")).rename(folder / f"{name}.{form}")

    run("a", {1, 2}, "eval")
    run("b", {2, 5}, "json")


if __name__ == "__main__":
    {"lm-eval": lm_eval_logs, "inspect": inspect_logs}[sys.argv[1]](Path(sys.argv[2]))
