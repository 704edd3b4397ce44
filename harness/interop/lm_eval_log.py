"""Logs of lm-eval: `samples_TASK_DATE.jsonl`, one line a document and filter, and the `results_DATE.json` beside them.

What was asked is known by three hashes of a line: of the document, of the prompt, of the target. Two settings are not
in them and change the answers all the same: what a server makes of the prompt (its chat template, the longest prompt it
takes), and what is made of the reply (the filter). Those stand in the results file, so a log without it can be compared
only with another that lacks it too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.hashing import content_sha256
from harness.interop.foreign import listing, mapping, read_json, read_json_lines, shown, text_of
from harness.interop.imported import Choices, Entry, Log, name_of
from harness.interop.lm_eval_line import HASHES, Line
from harness.interop.lm_eval_metrics import choose_filter, choose_metric, numbers
from harness.interop.ours import OURS, error_of, floor_of, gold_of, kind_of, length_of, score_of, text_in
from harness.records import Reply, ReplyError

NAME = "lm-eval"
SAMPLES = re.compile(r"samples_(?P<task>.+)_(?P<date>[^_]+)\.jsonl")
CONTROLS = ("dummy",)

GENERAL_FIELDS = ("chat_template_sha", "system_instruction_sha", "fewshot_as_multiturn", "max_length")
"""Keys of the results file that must agree."""

HEADER_FACTS = ("lm_eval_version", "transformers_version", "model_source", "git_hash", "date")
CONFIG_FACTS = ("model", "model_args", "model_dtype", "model_revision", "model_sha", "device")
UNSCORED = "the log has no score for it"
WITHOUT_RESULTS = (
    "no results file beside the samples: chat template, system instruction and number of shots are unknown"
)

TASK_FIELDS = ("filter_list", "metric_list", "description", "gen_prefix", "fewshot_delimiter", "target_delimiter")
"""Keys of a task's configuration that must agree."""


def is_samples_line(row: Mapping[str, Any]) -> bool:
    """Tell whether an object is a line of lm-eval's samples."""
    return {"doc_id", "resps", "filtered_resps"} <= row.keys()


def is_results(value: Any) -> bool:
    """Tell whether a document is lm-eval's results file."""
    return isinstance(value, Mapping) and {"results", "configs", "versions"} <= value.keys()


def read_lm_eval(file: Path, choices: Choices) -> Log:
    """Read one samples file, and the results file that belongs to it.

    Raises:
        ConfigError: the file is no such log, or what was chosen is not in it.
    """
    results = results_beside(file)
    header = mapping(read_json(results)) if results else {}
    lines = [Line(row, f"{file}:{number}") for number, row in read_json_lines(file)]
    if not lines:
        raise ConfigError("the file is empty", where=str(file))
    task = _task_of(file, header)
    reader = _Task(task, lines, header, choices)
    entries = reader.entries()
    config, ours = mapping(header.get("config")), mapping(header.get(OURS))
    general = {key: header.get(key) for key in GENERAL_FIELDS} if results else {}
    return Log(
        harness=NAME,
        model=str(header.get("model_name") or file.resolve().parent.name or "model"),
        entries=tuple(entries),
        fields={**general, **{f"{task}: {key}": value for key, value in reader.fields().items()}},
        taken={task: reader.taken},
        files=(file, *([results] if results else [])),
        planned=_planned(header, task, len(entries)),
        kind=kind_of(ours, "control" if config.get("model") in CONTROLS else "model"),
        floors={task: floor} if (floor := floor_of(ours, task) or reader.floor) else {},
        identity={key: header[key] for key in HEADER_FACTS if header.get(key) is not None}
        | {key: config[key] for key in CONFIG_FACTS if config.get(key) is not None},
        window=window if isinstance(window := header.get("max_length"), int) else None,
        notes=(*reader.notes, *([] if results else [WITHOUT_RESULTS])),
    )


def results_beside(file: Path) -> Path | None:
    """Return the results file of a samples file: of the same date, else the only one in its folder."""
    match = SAMPLES.fullmatch(file.name)
    dated = sorted(file.parent.glob(f"*_{match['date']}.json")) if match else []
    found = dated or sorted(file.parent.glob("results*.json"))
    return found[0] if len(found) == 1 else None


def samples_beside(results: Path) -> list[Path]:
    """Return the samples files of the same date as a results file."""
    date = results.stem.rpartition("_")[2]
    return sorted(results.parent.glob(f"samples_*_{date}.jsonl"))


def _task_of(file: Path, header: Mapping[str, Any]) -> str:
    """Return the task that a file holds: by its name, which the results file confirms where it is there."""
    match = SAMPLES.fullmatch(file.name)
    named = match["task"] if match else file.stem
    known = list(mapping(header.get("configs")))
    if known and named not in known:
        if likely := [task for task in known if name_of(task) == named]:  # our exports make names that files may have
            return str(likely[0])
        raise ConfigError(
            f"the results file beside it knows no task {named!r}", where=str(file), allowed=", ".join(map(shown, known))
        )
    return named


def _planned(header: Mapping[str, Any], task: str, found: int) -> int:
    """Return how many documents were to be asked; without a results file, as many as there are."""
    wanted = mapping(mapping(header.get("n-samples")).get(task)).get("effective")
    return wanted if isinstance(wanted, int) else found


class _Task:
    """The lines of one task, and what is taken of them."""

    def __init__(self, name: str, lines: Sequence[Line], header: Mapping[str, Any], choices: Choices) -> None:
        self.name = name
        self._config = mapping(mapping(header.get("configs")).get(name))
        self._header = header
        for line in lines:
            line.check()
        listed = [str(mapping(each).get("name")) for each in listing(self._config.get("filter_list"))]
        found = dict.fromkeys(line.filter for line in lines)
        self._filters = sorted(found, key=lambda each: listed.index(each) if each in listed else len(listed))
        self._filter = choose_filter(name, self._filters, choices.filter)
        _check_documents(lines, self._filter)
        self._main = [line for line in lines if line.filter == self._filter]
        self._others = [line for line in lines if line.filter != self._filter]
        higher = mapping(mapping(header.get("higher_is_better")).get(name))
        self._metric = choose_metric(name, [line.metrics for line in self._main], choices.metric, higher)
        self.version = str(mapping(header.get("versions")).get(name, ""))
        self.floor = self._chance()

    @property
    def taken(self) -> str:
        """What was taken as the score, for people."""
        other = [each for each in self._filters if each != self._filter]
        told = f", filter {self._filter!r}" + (f" (the first of {len(other) + 1})" if other else "")
        return self._metric.told + (told if len(self._filters) > 1 or self._filter != "none" else "")

    @property
    def notes(self) -> list[str]:
        """What a person must know of these lines."""
        replies = [each for line in self._main for each in line.row["resps"] if isinstance(each, list)]
        most = max(map(len, replies), default=1)
        return [f"{self.name}: {most} replies a document were scored together; the first is shown"] if most > 1 else []

    def fields(self) -> dict[str, Any]:
        """Return what must agree with another log of this task; what is unknown is left out."""
        found: dict[str, Any] = {
            "metric": self._metric.name,
            "filter": self._filter,
            "generation_kwargs": self._generation(),
        }
        if self._config:
            dataset = mapping(self._config.get("dataset_kwargs"))
            found |= {
                "version": self.version,
                "num_fewshot": mapping(self._header.get("n-shot")).get(self.name),
                "dataset_name": self._config.get("dataset_name"),
                "dataset revision": dataset.get("revision"),
                "repeats": self._config.get("repeats"),
            }
            found |= {key: self._config.get(key) for key in TASK_FIELDS}
        if not all("doc_hash" in line.row for line in self._main):
            found["task hash"] = mapping(self._header.get("task_hashes")).get(self.name)
        return found

    def _generation(self) -> Any:
        """Return the generation settings as they were sent, which are part of every line."""
        sent = {text_of(line.settings) for line in self._main if line.settings is not None}
        if len(sent) > 1:
            return f"{len(sent)} different ones, sha256 {content_sha256(sorted(sent))[:12]}"
        return json.loads(sent.pop()) if sent else None

    def _chance(self) -> float:
        """Return what guessing earns where each document offers choices; 0 elsewhere."""
        counts = [len(line.choices) for line in self._main]
        return sum(1 / count for count in counts) / len(counts) if min(counts) > 1 else 0.0

    def entries(self) -> list[Entry]:
        """Return one entry a document."""
        others: dict[int, list[Line]] = {}
        for line in self._others:
            others.setdefault(line.doc_id, []).append(line)
        seen: dict[str, int] = {}
        found = []
        for line in sorted(self._main, key=lambda each: each.doc_id):
            doc = line.hashes[0]
            same = seen[doc] = seen.get(doc, 0) + 1
            found.append(self._entry(line, f"{doc[:16]}-{same}" if same > 1 else doc[:16], others.get(line.doc_id, [])))
        return found

    def _entry(self, line: Line, name: str, others: Sequence[Line]) -> Entry:
        value, length = self._metric.value(line.metrics, line.where)
        error = None
        if value is None:
            error = error_of(line.ours) or ReplyError(kind="scorer_failed", message=UNSCORED)
        version = self.version or "?"
        aside = {key: each for key, each in numbers(line.metrics).items() if key != self._metric.name}
        aside |= {f"{key},{each.filter}": number for each in others for key, number in numbers(each.metrics).items()}
        replied, answer, prompt = line.replied, line.answer, "\n\n".join(line.turns)
        return Entry(
            task=self.name,
            version=version,
            name=text_in(line.ours, "sample_id") or name,
            replicate=line.replicate,
            asked_sha256=content_sha256(list(line.hashes)),
            gold=gold_of(line.ours, line.target),
            question=text_in(line.ours, "question") or line.question,
            prompt=prompt or None,
            reply=Reply(text=replied or "", error=error),
            replied=replied is not None,
            value=value,
            mode="wrong_choice" if line.choices else "",
            metrics={f"{key}@{version}": each for key, each in aside.items()},
            columns={key: each for key, each in line.row.items() if key in ("doc", "target", "doc_id")},
            length=length or length_of(line.ours),
            context=text_in(line.ours, "context_id"),
            kept=_kept(line, others) | {"answer": [] if answer is None else [answer]},
            ours=score_of(mapping(line.ours.get("score"))),
        )


def _kept(line: Line, others: Sequence[Line]) -> dict[str, Any]:
    """Return what lm-eval's own lines need beside our fields."""
    rows = [
        {"filter": each.filter, "filtered_resps": each.row["filtered_resps"], "metrics": each.metrics}
        for each in (line, *others)
    ]
    return {
        "doc_id": line.doc_id,
        **dict(zip(HASHES, line.hashes, strict=True)),
        "sent": [sent for _, sent in line.arguments],
        "resps": line.row["resps"],
        "rows": rows,
    }


def _check_documents(lines: Sequence[Line], taken: str) -> None:
    """Refuse a document that stands twice under one filter, or has no line under the one that is taken."""
    seen: set[tuple[int, int, str]] = set()
    for line in lines:
        key = (line.doc_id, line.replicate, line.filter)
        if key in seen:
            raise ConfigError(
                f"document {line.doc_id} stands twice under the filter {shown(line.filter)}",
                where=line.where,
                fix="lm-eval appends to a file that is there: keep the lines of one evaluation",
            )
        seen.add(key)
    for line in lines:
        if (line.doc_id, line.replicate, taken) not in seen:
            raise ConfigError(f"document {line.doc_id} has no line under the filter {shown(taken)}", where=line.where)
