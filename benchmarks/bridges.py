"""One llama.cpp server with the embedded model, asked by three harnesses: are the scores the same?

    python benchmarks/bridges.py

`retrieval.exact` (24 samples) and 20 rows in the layout of IFEval, greedily, by this engine, by lm-evaluation-harness
and by Inspect. Needs the extras `embedded`, `lm-eval` and `inspect`; about five minutes on one core.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.embedded.quantise import smollm2_weights
from harness.store import load_run

ROWS = Path(__file__).parents[1] / "tests" / "lm_eval_rows"
TASKS = {"retrieval_exact_768": "retrieval.exact", "ifeval_rows": "lm-eval:ifeval_rows"}
SWEEP = """
[sweep]
name = "bridges"
lengths = ["768"]
contexts = 6
questions_per_context = 4

[[model]]
name = "ours"
role = "baseline"
base_url = "{address}/v1"
model = "embedded"
concurrency = 1
sampling = {{ temperature = 0, seed = 1234 }}

[[task]]
name = "retrieval.exact"
keys = 6
decoys = 0
absent_rate = 0.0
wording = "plain"
reply_form = "sentence"
answer_budget = 40

[[task]]
name = "lm-eval:ifeval_rows"
include_path = "rows"
"""


def main() -> None:
    wanted = {
        "weights": str(smollm2_weights("q8_0", print)),
        "alias": "embedded",
        "kv_cache": "f16",
        "context_size": 4096,
        "threads": 1,
    }
    command = [sys.executable, "-m", "harness.embedded.serve", json.dumps(wanted)]
    with (
        tempfile.TemporaryDirectory() as made,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server,
    ):
        assert server.stdout
        address = json.loads(server.stdout.readline())["address"]
        folder = Path(made)
        shutil.copytree(ROWS, folder / "rows")
        (folder / "sweep.toml").write_text(SWEEP.format(address=address))
        _call(folder, "harness", "run", "sweep.toml")
        ours = _ours(folder)
        for name, theirs in (("lm-eval", _lm_eval(folder, address)), ("Inspect", _inspect(folder, address))):
            same = sum(ours[sample] == score for sample, score in theirs.items())
            print(f"{name}: {same} of {len(theirs)} scores are those of our own run, {sum(theirs.values()):g} right")
        server.terminate()


def _call(folder: Path, module: str, *arguments: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _ours(folder: Path) -> dict[str, float]:
    results = load_run(folder / "results/bridges/ours").results
    return {result.sample_id: result.score.value for result in results if result.score}


def _lm_eval(folder: Path, address: str) -> dict[str, float]:
    """Return the scores by the names of our samples."""
    _call(folder, "harness", "tasks", "export", "sweep.toml", "exported")
    shutil.copytree(ROWS, folder / "exported/rows")
    arguments = f"model=embedded,base_url={address}/v1/chat/completions,num_concurrent=1"
    _call(
        *(folder, "lm_eval", "run", "--model", "local-chat-completions", "--model_args", arguments),
        *("--apply_chat_template", "--include_path", "exported", "--tasks", ",".join(TASKS)),
        *("--log_samples", "--output_path", "out"),
        OPENAI_API_KEY="EMPTY",
    )
    found = {}
    for file in (folder / "out").rglob("samples_*.jsonl"):
        for row in map(json.loads, file.read_text().splitlines()):
            known = row["doc"].get("id") or f"lm-eval:ifeval_rows/768/d{row['doc_id']:05d}"
            found[known] = float(row["score"] if "score" in row["metrics"] else row["prompt_level_strict_acc"])
    return found


def _inspect(folder: Path, address: str) -> dict[str, float]:
    _call(
        *(
            folder,
            "inspect_ai",
            "eval",
            "harness/sweep",
            "-T",
            "sweep=sweep.toml",
            "--model",
            "openai-api/local/embedded",
        ),
        *("--log-dir", "logs", "--log-format", "json", "--display", "none", "--max-connections", "1", "--seed", "1234"),
        LOCAL_API_KEY="EMPTY",
        LOCAL_BASE_URL=f"{address}/v1",
    )
    (log,) = (folder / "logs").glob("*.json")
    samples = json.loads(log.read_text())["samples"]
    return {sample["id"]: next(iter(sample["scores"].values()))["metadata"]["score"] for sample in samples}


if __name__ == "__main__":
    main()
