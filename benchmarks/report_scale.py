"""How long `harness report` takes on many replies, how much memory it takes, and how large its page is.

    python benchmarks/report_scale.py [--samples 100000] [--models 5] [--keep FOLDER] [--no-verdict]

One sweep of 4 tasks x 5 lengths on 20 contexts x 2 questions is asked for real of a simulated model; its replies are
then multiplied to so many samples, and drawn right or wrong anew for each model, at rates that rise with the length.
So lines, axes and parameters are those of a real run, and the passages of the first 20 contexts can be shown; the
prompts of the others are rebuilt too and then left out, because their hashes are made up. Time is wall time and memory
the peak of the resident set, both of a process of its own, the start of the interpreter and everything included.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.hashing import content_sha256
from harness.records import Result, Usage
from harness.store import RunInfo, RunWriter, load_run

CONTEXTS, QUESTIONS = 20, 2
LENGTHS = ("1k", "2k", "4k", "8k", "16k")
TASKS = ("retrieval.exact", "retrieval.latent", "retrieval.ordinal", "aggregation.count")
RATES = {1024: 0.02, 2048: 0.03, 4096: 0.05, 8192: 0.08, 16384: 0.12}
MODES = ("distractor.other_key", "distractor.near_miss", "hallucinated", "false_absence", "refusal.capability", "empty")
START = "import sys; from harness.cli.main import main; main()"


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        if not (folder / "results" / "scale").is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            make_runs(folder, arguments.samples, arguments.models)
        extra = ["--no-verdict"] if arguments.no_verdict else []
        before = sum(os.times()[2:4])
        seconds, peak = measured(["report", "scale", "-o", "report.html", *extra], folder)
        busy = sum(os.times()[2:4]) - before
        size = (folder / "report.html").stat().st_size
        lines = sum(file.stat().st_size for file in folder.glob("results/scale/*/samples.jsonl"))
        print(f"{arguments.models} models x {arguments.samples:,} samples, {lines / 1e6:.0f} MB of lines")
        print(f"load {os.getloadavg()[0]:.1f}: {seconds:.1f} s ({busy:.1f} s of processor time)")
        print(f"peak {peak / 2**10:.0f} MiB, page {size / 1e6:.2f} MB")


def make_runs(folder: Path, samples: int, models: int) -> None:
    """Write the runs of a sweep named `scale` below a folder: one baseline, and candidates that get worse in turn."""
    tables = "\n".join(f'[[task]]\nname = "{task}"' for task in TASKS)
    (folder / "seed.toml").write_text(
        f'[sweep]\nname = "seed"\nseed = 7\nlengths = {json.dumps(LENGTHS)}\ncontexts = {CONTEXTS}\n'
        f'questions_per_context = {QUESTIONS}\n[[model]]\nname = "seed"\nadapter = "simulated"\n{tables}\n'
    )
    subprocess.run([sys.executable, "-c", START, "run", "seed.toml"], cwd=folder, check=True)
    seed = load_run(folder / "results" / "seed" / "seed")
    times = samples // len(seed.results)
    for number in range(models):
        name = f"m{number:02d}"
        info = replace(
            seed.info,
            sweep="scale",
            model=name,
            role="candidate" if number else "baseline",
            path=folder / "results" / "scale" / name,
            planned=times * len(seed.results),
            config=_config(seed.info, times),
        )
        with RunWriter(info) as writer:
            writer.replace_all(_replies(tuple(seed.results), times, name, 1 + 0.15 * number))


def _config(info: RunInfo, times: int) -> dict[str, object]:
    return {**info.config, "sweep": {**info.config["sweep"], "contexts": CONTEXTS * times}}


def _replies(seed: Sequence[Result], times: int, model: str, worse: float) -> Iterator[Result]:
    """Yield the replies of a model; models share most of what makes a sample hard."""
    for turn in range(times):
        for result in seed:
            yield _reply(result, turn, model, worse)


def _reply(result: Result, turn: int, model: str, worse: float) -> Result:
    context = result.recipe.context + CONTEXTS * turn
    name = result.sample_id.replace(f"/c{result.recipe.context:04d}/", f"/c{context:04d}/")
    shared, own = random.Random(name), random.Random(f"{model} {name}")
    luck = shared.random() if own.random() < 0.9 else own.random()
    right = luck > RATES[result.recipe.length] * worse
    value = result.gold[0] if right and result.gold else str(own.randrange(10**6, 10**7))
    assert result.score is not None
    usage = Usage(
        prompt_tokens=result.expected_tokens,
        cached_tokens=0,
        completion_tokens=own.randrange(20, 90),
        reasoning_tokens=0,
    )
    reply = replace(
        result.reply, text=f"The text says so in one place only.\nANSWER: {value}", usage=usage, latency_s=own.random()
    )
    score = replace(
        result.score,
        value=float(right),
        correct=right,
        mode=None if right else own.choice(MODES),
        answer=(value,),
        evidence="" if right else f"{value} is the value of another name",
    )
    return replace(
        result,
        sample_id=name,
        context_id=f"{result.task}/c{context:04d}",
        recipe=replace(result.recipe, context=context),
        prompt_sha256=content_sha256(name) if turn else result.prompt_sha256,
        reply=reply,
        score=score,
    )


def measured(arguments: Sequence[str], folder: Path) -> tuple[float, int]:
    """Return the wall seconds and the peak of the resident set, in KiB, of a `harness` command."""
    begun, peak = time.perf_counter(), 0
    process = subprocess.Popen([sys.executable, "-c", START, *arguments], cwd=folder)
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"harness {' '.join(arguments)} ended with {process.returncode}")
    return time.perf_counter() - begun, peak


def _peak(pid: int) -> int:
    """Return the largest resident set of a process so far, in KiB, as the kernel keeps it (Linux)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:  # it ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=100_000, help="of each model")
    parser.add_argument("--models", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder for the runs; runs that are there are used again")
    parser.add_argument("--no-verdict", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
