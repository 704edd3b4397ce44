"""`harness simulate`: the error rates of a plan, before a single reply is paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import (
    columns,
    json_option,
    print_json,
    results_option,
    run_path,
    set_option,
    sweep_argument,
    task_dir_option,
)

if TYPE_CHECKING:
    from harness.gate import State
    from harness.gate.planning.simulate import Rates, Scenario, Truth


@click.command("simulate")
@sweep_argument
@click.option(
    "--policy", "policy_file", type=click.Path(path_type=Path), help="The policy; without it, the sweep's own."
)
@click.option(
    "--flip-rate",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.04,
    show_default=True,
    help="Share of answers that differ between equal models.",
)
@click.option("--accuracy", type=click.FloatRange(0, 1), default=0.85, show_default=True, help="Of the baseline.")
@click.option("--icc", type=click.FloatRange(0, 1), help="True correlation within contexts; the policy's own, or 0.1.")
@click.option(
    "--noise", nargs=2, metavar="RUN RUN", help="Two runs of one model: take flip rate and accuracies from them."
)
@click.option("--scenario", "wanted", multiple=True, help="Only this scenario; may be repeated.")
@click.option("--replicates", type=click.IntRange(min=10), default=400, show_default=True)
@click.option("--seed", default=0, show_default=True)
@set_option
@task_dir_option
@results_option
@json_option
def command(
    sweep_file: Path,
    policy_file: Path | None,
    flip_rate: float,
    accuracy: float,
    icc: float | None,
    noise: tuple[str, str] | None,
    wanted: tuple[str, ...],
    replicates: int,
    seed: int,
    sets: tuple[str, ...],
    task_dirs: tuple[Path, ...],
    results: Path,
    as_json: bool,
) -> None:
    """Decide simulated outcomes of SWEEP.toml by its policy: false alarms, misses and open verdicts of this very plan.

    Each scenario says what is true of the candidate; the table says how often the gate would have said what. Nothing is
    asked: outcomes are drawn at random, and nothing here says anything about a language model.
    """
    from harness.gate import load_policy
    from harness.gate.planning.simulate import Truth, presets, simulate, skeleton_of
    from harness.plan import check_feasible, make_plan
    from harness.sweep import load_sweep

    sweep = load_sweep(sweep_file, sets=sets, task_dirs=task_dirs)
    named = sweep.resolved.sweep.policy
    policy = load_policy(policy_file or (sweep.folder / named if named else None))
    plan = make_plan(sweep)
    check_feasible(plan, sweep.file)
    skeleton = skeleton_of(plan)
    true_icc = icc if icc is not None else policy.defaults.icc if policy.defaults.icc is not None else 0.1
    truth = Truth(flip_rate=flip_rate, icc=true_icc, default=accuracy)
    if noise:
        truth = _measured(noise, results, true_icc)
    truth = replace(truth, runs=sweep.runs)
    scenarios = _chosen(presets(skeleton.pairs, policy.defaults.margin), wanted)
    found = [simulate(skeleton, each, policy, truth, replicates=replicates, seed=seed) for each in scenarios]
    if as_json:
        print_json(_plain(found, truth, seed))
    else:
        click.echo(_text(found, truth, f"{sweep.resolved.sweep.name}: {len(skeleton.pairs)} samples, {policy.name}"))


def _chosen(scenarios: Sequence[Scenario], names: Sequence[str]) -> list[Scenario]:
    from harness.errors import UnknownName
    from harness.registry import did_you_mean

    known = {each.name: each for each in scenarios}
    for name in names:
        if name not in known:
            raise UnknownName(f"no scenario {name!r}{did_you_mean(name, known)}", allowed=", ".join(known))
    return [known[name] for name in names or known]


def _measured(noise: tuple[str, str], results: Path, icc: float) -> Truth:
    """Take flip rate and accuracies from two runs of one model."""
    from harness.errors import RunError
    from harness.gate.planning.simulate import Truth
    from harness.store import load_run, pair

    comparison = pair(*(load_run(run_path(name, results)) for name in noise))
    if comparison.problems or comparison.pairs.empty:
        raise RunError("the two runs cannot be paired", found="; ".join(comparison.problems), where=" ".join(noise))
    pairs = comparison.pairs
    flips = float((pairs["base_correct"] != pairs["cand_correct"]).mean())
    means = pairs.groupby(["task", "length"])[["base_correct", "cand_correct"]].mean().mean(axis=1)
    accuracy = {
        (str(task), int(length)): float(value)
        for task, length, value in means.reset_index(name="mean").itertuples(index=False)
    }
    return Truth(flip_rate=flips, icc=icc, default=float(means.mean()), accuracy=accuracy)


def _plain(found: list[Rates], truth: Truth, seed: int) -> dict[str, Any]:
    from dataclasses import asdict

    rows = [
        {
            "scenario": each.scenario.name,
            "summary": each.scenario.summary,
            "pass_is_wrong": each.scenario.harmful,
            **{state: asdict(estimate) for state, estimate in each.states.items()},
        }
        for each in found
    ]
    accuracy = {f"{task}@{length}": value for (task, length), value in (truth.accuracy or {}).items()}
    assumed = {"flip_rate": truth.flip_rate, "icc": truth.icc, "accuracy": accuracy or truth.default, "seed": seed}
    return {"simulated": True, "assumed": assumed, "scenarios": rows}


def _text(found: list[Rates], truth: Truth, head: str) -> str:
    from harness.gate.wording import points

    states: tuple[State, ...] = ("pass", "regressed", "inconclusive")
    rows: list[tuple[str, ...]] = [("scenario", *states, "a pass would be", "what is true")]
    rows += [
        (
            each.scenario.name,
            *(
                f"{points(each.states[s].value)} [{points(each.states[s].low)}, {points(each.states[s].high)}]"
                for s in states
            ),
            "wrong" if each.scenario.harmful else "right",
            each.scenario.summary,
        )
        for each in found
    ]
    n = found[0].states["pass"].n
    accuracy = "measured accuracies" if truth.accuracy else f"accuracy {truth.default:g}"
    return (
        f"{head}\nsimulated outcomes, no model: in % of {n} draws, with 95 % Clopper-Pearson intervals; baseline with "
        f"{accuracy}, flip rate {truth.flip_rate:.3g}, correlation within contexts {truth.icc:g}\n\n{columns(rows)}"
    )
