"""Our tasks for lm-evaluation-harness: a folder of YAML files that `lm_eval --include_path` takes.

A file holds no prompts. It names a sweep and a cell of it; the samples are made when lm-evaluation-harness loads the
task, by the very code that a run of ours makes them with, and replies are scored by it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.errors import ConfigError, StoreError
from harness.interop.sweep_samples import samples_of_sweep
from harness.records import Reply
from harness.sizes import format_size

BRIDGE = "harness_bridge.py"
_BRIDGE_TEXT = '''"""Made by 'harness tasks export': asks lm-evaluation-harness for the samples of a sweep."""

from harness.interop.lm_eval_class import HarnessTask
from harness.interop.lm_eval_tasks import load, score
'''
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
METRICS = ("correct", "score")


def export_tasks(sweep: Path, folder: Path) -> list[str]:
    """Write a task for each cell of a sweep, and return their names.

    Raises:
        ConfigError: the folder holds something else.
        StoreError: it cannot be written.
    """
    samples = samples_of_sweep(sweep)
    _check(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BRIDGE).write_text(_BRIDGE_TEXT, encoding="utf-8")
        names = []
        for cell in samples.cells:
            name = f"{_NO_NAME.sub('_', cell.label).strip('_')}_{format_size(cell.length)}"
            metadata = {
                "version": cell.task.version,
                "sweep": os.path.relpath(sweep.resolve(), folder.resolve()),
                "task": cell.label,
                "length": cell.length,
            }
            (folder / f"{name}.yaml").write_text(_yaml(name, metadata, cell.task.params.answer_budget))
            names.append(name)
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    return names


def _check(folder: Path) -> None:
    """Refuse a folder with files that no export made."""
    foreign = [path.name for path in folder.glob("*") if path.suffix not in (".yaml", ".py") and path.is_file()]
    if folder.exists() and (foreign or (any(folder.iterdir()) and not (folder / BRIDGE).exists())):
        raise ConfigError("the folder holds other files", where=str(folder), fix="name a new folder")


def _yaml(name: str, metadata: Mapping[str, Any], budget: int) -> str:
    """Write a task's file; what is called is named by lm-evaluation-harness's own tag."""
    plain = {
        "task": name,
        "dataset_path": "",
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{prompt}}",
        "doc_to_target": "{{target}}",
        "generation_kwargs": {"until": [], "max_gen_toks": budget, "do_sample": False, "temperature": 0.0},
        "metric_list": [{"metric": metric, "aggregation": "mean", "higher_is_better": True} for metric in METRICS],
        "metadata": dict(metadata),
    }
    calls = {"class": "HarnessTask", "custom_dataset": "load", "process_results": "score"}
    tagged = "".join(f"{key}: !function {Path(BRIDGE).stem}.{call}\n" for key, call in calls.items())
    return "# Made by 'harness tasks export'.\n" + tagged + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def load(sweep: str, task: str, length: int, config_source: str, **_: Any) -> dict[str, Any]:
    """Return the samples of a cell as the data set that lm-evaluation-harness asks for.

    Args:
        sweep: the sweep's file, relative to the folder of the task's file.
        task: what the sweep calls the task.
        length: in tokens.
        config_source: the task's file, as lm-evaluation-harness says.
    """
    from datasets import Dataset

    file = (Path(config_source).parent / sweep).resolve()
    samples = samples_of_sweep(file)
    rows = [
        {
            "id": asked.sample.id,
            "prompt": "\n\n".join(message.content for message in asked.messages),
            "messages": json.dumps([{"role": turn.role, "content": turn.content} for turn in asked.messages]),
            "target": ", ".join(asked.sample.gold),
            "context_id": asked.sample.context_id,
            "length": asked.sample.recipe.length,
            "answer_budget": asked.sample.answer_budget,
            "prompt_sha256": asked.prompt_sha256,
            "sweep": str(file),
        }
        for cell in samples.chosen(task, length)
        for asked in samples.of(cell)
    ]
    return {"test": Dataset.from_list(rows)}


def score(doc: Mapping[str, Any], results: list[str]) -> dict[str, float]:
    """Score a reply as a run of ours would."""
    found = samples_of_sweep(Path(doc["sweep"])).score(doc["id"], Reply(text=results[0]))
    return {"correct": float(found.correct), "score": found.value}
