"""Wrong replies to label by hand, without the label that they got; and how far the two agree.

    python benchmarks/families/blind.py sample RUN --n 60 > blind.jsonl      what a person sees: no label
    python benchmarks/families/blind.py agree RUN labelled.jsonl             each line with a key `label` added

The replies are drawn with a fixed seed, task by task in turn, so that no task crowds out the others. Agreement is
counted for the whole mode and for its group, the part before the dot.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from harness.contexts import Stream
from harness.engine.rebuild import rebuild_prompt
from harness.records import Result
from harness.stats import wilson
from harness.store import Run, load_run

CONTEXT_CHARS = 6000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("sample", "agree"))
    parser.add_argument("run", type=Path)
    parser.add_argument("labelled", type=Path, nargs="?")
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--skip", type=int, default=0, help="leave out so many that were labelled before")
    arguments = parser.parse_args()
    run = load_run(arguments.run)
    if arguments.what == "sample":
        for result in _drawn(run, arguments.skip + arguments.n)[arguments.skip :]:
            print(json.dumps(_blind(run, result), ensure_ascii=True))
    else:
        _agree(run, arguments.labelled)


def _drawn(run: Run, n: int) -> list[Result]:
    """Take wrong replies task by task in turn."""
    by_task: dict[str, list[Result]] = defaultdict(list)
    for result in run.measured:
        if result.score and not result.score.correct:
            by_task[result.task].append(result)
    queues = [Stream("blind", task).shuffled(results) for task, results in sorted(by_task.items())]
    return list(_in_turn(queues))[:n]


def _in_turn(queues: list[list[Result]]) -> Iterator[Result]:
    for place in range(max(map(len, queues), default=0)):
        yield from (queue[place] for queue in queues if place < len(queue))


def _blind(run: Run, result: Result) -> dict[str, object]:
    sample, messages = rebuild_prompt(run, result)
    return {
        "id": result.sample_id,
        "task": result.task,
        "question": sample.question,
        "expected": list(result.gold),
        "reply": result.reply.text,
        "finish_reason": result.reply.finish_reason,
        "planted": [{"role": s.role, "kind": s.kind, "value": s.value} for s in sample.spans],
        "prompt": "\n\n".join(message.content for message in messages)[-CONTEXT_CHARS:],
    }


def _agree(run: Run, labelled: Path) -> None:
    given = {r.sample_id: str(r.score.mode) for r in run.measured if r.score and not r.score.correct}
    lines = [json.loads(line) for line in labelled.read_text(encoding="utf-8").splitlines() if line.strip()]
    same = [line for line in lines if line["label"] == given[line["id"]]]
    group = [line for line in lines if line["label"].split(".")[0] == given[line["id"]].split(".")[0]]
    for name, hits in (("mode", same), ("group", group)):
        low, high = wilson(len(hits), len(lines), 0.95)
        print(f"{name}: {len(hits)} of {len(lines)} agree [{100 * low:.0f}, {100 * high:.0f}] %")
    for line in lines:
        if line not in same:
            print(f"{line['id']}: by hand {line['label']}, by rule {given[line['id']]}")


if __name__ == "__main__":
    sys.exit(main())
