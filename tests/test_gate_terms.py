"""Slices, guarded failure modes, positive controls, the locked plan, and the proof that the gate can say no."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from in_process import harness
from test_cli import SIMULATED
from test_gate import answers, comparison, policy

from harness.errors import ConfigError, ExitCode
from harness.gate import Policy, decide, emit
from harness.gate.planning.prove import prove
from harness.gate.policy import PolicyFile
from harness.store import Comparison, RunInfo


def sliced(losses_of: dict[str, int], contexts: int = 40) -> Comparison:
    """One task at one length in several languages, with so many losses in each."""
    parts = [comparison({("t.a", 1024): answers(contexts, 1, losses=losses)}).pairs for losses in losses_of.values()]
    for language, pairs in zip(losses_of, parts, strict=True):
        pairs["axis.language"] = language
        pairs["context_id"] += language
        pairs["sample_id"] += language
    import pandas as pd

    made = comparison({("t.a", 1024): answers(1, 1)})
    whole = pd.concat(parts, ignore_index=True)
    return Comparison(**{**made.__dict__, "pairs": whole, "planned": len(whole)})


def by_language(**more) -> Policy:
    return Policy("p", PolicyFile(version=1, defaults={"slices": ["language"], "margin": 0.1}, **more))


def states(verdict) -> dict[str, str]:
    return {row.part or row.scope: row.state for row in verdict.rows}


def test_one_collapsed_slice_among_many_is_regressed() -> None:
    losses = {f"l{i:02d}": 0 for i in range(20)} | {"sw": 16}
    verdict = decide(sliced(losses), by_language())
    assert verdict.state == "regressed"
    assert [part for part, state in states(verdict).items() if state == "regressed"] == ["language=sw"]
    assert states(verdict)["cell"] == "pass"
    assert verdict.sentence.startswith("Do not ship cand: on t.a at 1k, language=sw it answers 40.0 points fewer")
    without = decide(sliced(losses), policy(margin=0.1))
    assert without.state == "pass"


def test_slices_have_a_margin_and_rules_of_their_own() -> None:
    losses = {"de": 0, "sw": 16}
    rules = [{"task": "t.*", "slice": "language=sw", "level": "warn"}]
    verdict = decide(sliced(losses), by_language(rule=rules))
    assert [(row.part, row.required, row.margin) for row in verdict.rows if row.scope == "slice"] == [
        ("language=de", True, 0.3),
        ("language=sw", False, 0.3),
    ]
    off = decide(sliced(losses), by_language(rule=[{"task": "t.a", "level": "off"}]))
    assert off.state == "invalid"
    assert off.rows == ()
    with pytest.raises(ConfigError, match="rule 1 matches nothing"):
        decide(sliced(losses), by_language(rule=[{"slice": "language=fr"}]))
    wrong = Policy("p", PolicyFile(version=1, defaults={"slices": ["langage"]}))
    with pytest.raises(ConfigError, match=r"no sample has the axis 'langage' \(did you mean 'language'\?\)"):
        decide(sliced(losses), wrong)


def test_a_slice_too_small_to_be_proven_keeps_the_verdict_open() -> None:
    small = sliced({"de": 0}, contexts=8)
    assert decide(small, by_language()).state == "inconclusive"
    assert decide(sliced({"de": 0, "fr": 0}, contexts=40), by_language()).state == "pass"


def test_a_slice_at_chance_does_not_sink_the_rest_and_is_named() -> None:
    made = sliced({"de": 0, "sw": 0})
    dead = made.pairs["axis.language"] == "sw"
    made.pairs.loc[dead, ["base_correct", "cand_correct"]] = False
    verdict = decide(made, by_language())
    assert verdict.state == "pass"
    assert "not assessed, because the baseline itself is near chance: t.a at 1k, language=sw" in verdict.notes
    assert [row.assessable for row in verdict.rows if row.part == "language=sw"] == [False]


def modes(cut: int, contexts: int = 200) -> Comparison:
    made = comparison({("t.a", 1024): np.zeros((contexts, 1, 2), dtype=bool) | [True, True]})
    wrong = made.pairs.index[:20]
    made.pairs.loc[wrong, ["base_correct", "cand_correct"]] = False
    made.pairs.loc[wrong, ["base_mode", "cand_mode"]] = "hallucinated"
    made.pairs.loc[wrong[:cut], "cand_mode"] = "truncated.answer"
    return made


@pytest.mark.parametrize(("cut", "state"), [(0, "pass"), (3, "inconclusive"), (18, "regressed")])
def test_a_guarded_mode_fails_though_no_point_is_lost(cut: int, state: str) -> None:
    guarded = Policy(
        "p", PolicyFile(version=1, defaults={"margin": 0.1}, mode=[{"mode": "truncated.*", "margin": 0.03}])
    )
    verdict = decide(modes(cut), guarded)
    assert verdict.state == state
    row = verdict.rows[-1]
    assert (row.scope, row.part, row.losses, row.candidate.value) == ("mode", "truncated.*", cut, cut / 200)
    if state == "regressed":
        assert "9.0 points more of its replies are truncated.* than of base's" in verdict.sentence
        assert "replies truncated.*" in emit(verdict, "junit")


def test_a_plan_that_cannot_see_damage_passes_nothing() -> None:
    fine = comparison({("t.a", 1024): answers(60, 1)})
    seen = decide(fine, policy(), controls=[("damaged", "regressed")])
    assert (seen.state, seen.controls) == ("pass", (("damaged", "regressed"),))
    for state in ("pass", "inconclusive", "invalid"):
        blind = decide(fine, policy(on_inconclusive="warn"), controls=[("other", "regressed"), ("damaged", state)])
        assert (blind.state, blind.exit_code) == ("insensitive", ExitCode.INCONCLUSIVE)
        why = "was not run, or cannot be judged" if state == "invalid" else "did not find"
        assert why in blind.sentence
        assert "the positive control damaged" in blind.sentence
        assert emit(blind, "github").startswith("::error title=insensitive")
    worse = comparison({("t.a", 1024): answers(60, 1, losses=20)})
    assert decide(worse, policy(), controls=[("damaged", "pass")]).state == "regressed"


def test_the_proof_worsens_until_it_is_red() -> None:
    fine = comparison({("t.a", 1024): answers(100, 1), ("t.b", 1024): answers(100, 1)})
    proof = prove(fine, policy(margin=0.05))
    assert (proof.holds, proof.worsened) == (True, "regressed")
    assert proof.turns_red == pytest.approx(0.06)
    assert prove(comparison({("t.a", 1024): answers(4, 1)}), policy(margin=0.5)).turns_red is None


@pytest.fixture
def swept(tmp_path: Path) -> Path:
    """A baseline, its like, a much worse model, and a positive control that is nothing of the kind."""
    arms = (("base", "baseline", 0.9), ("same", "candidate", 0.9), ("ctl", "positive-control", 0.9))
    models = "".join(SIMULATED.format(name=n, role=r, accuracy=a) for n, r, a in arms)
    task = '[[task]]\nname = "retrieval.exact"\nkeys = 4\ndecoys = 2\n'
    head = '[sweep]\nname = "s"\nlengths = ["1k"]\ncontexts = 40\nquestions_per_context = 1\npolicy = "gate.toml"\n'
    (tmp_path / "sweep.toml").write_text(head + models + task)
    (tmp_path / "gate.toml").write_text("version = 1\n[defaults]\nmargin = 0.2\n")
    return tmp_path


def test_the_locked_plan_is_what_a_candidate_is_judged_by(swept: Path) -> None:
    def gate(*more: str):
        done = harness("gate", "s/base", "s/same", "--json", *more, cwd=swept)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    assert harness("run", "sweep.toml", "--model", "base", "--model", "same", cwd=swept).returncode == 0
    code, verdict = gate()
    assert (code, verdict["state"], verdict["policy"]) == (3, "insensitive", "gate.toml")
    assert verdict["controls"] == [["ctl", "invalid"]]

    bad = (
        (swept / "sweep.toml")
        .read_text()
        .replace(
            '"positive-control"\nadapter = "simulated"\naccuracy = 0.9',
            '"positive-control"\nadapter = "simulated"\naccuracy = 0.2',
        )
    )
    (swept / "sweep.toml").write_text(bad)
    assert harness("run", "sweep.toml", cwd=swept).stderr.count("the plan was changed") == 0
    assert gate()[:1] == (0,)

    (swept / "gate.toml").write_text("version = 1\n[defaults]\nmargin = 0.3\n")
    assert gate()[1]["rows"][0]["margin"] == 0.2
    code, verdict = gate("--policy", "gate.toml")
    assert any(
        "judged by another policy than the one locked" in n and "defaults.margin: 0.2 -> 0.3" in n
        for n in verdict["notes"]
    )
    late = harness("run", "sweep.toml", cwd=swept)
    assert (
        "the plan was changed after replies of a candidate were seen: policy.defaults.margin: 0.2 -> 0.3" in late.stderr
    )
    code, verdict = gate()
    assert verdict["rows"][0]["margin"] == 0.3
    assert any(
        note.startswith("the plan was changed after replies of a candidate were seen") for note in verdict["notes"]
    )

    lock = swept / "results/s/plan.lock"
    before = lock.read_text()
    refused = harness("run", "sweep.toml", "--set", "sweep.seed=9", cwd=swept)
    assert (refused.returncode, "another configuration" in refused.stderr) == (2, True)
    assert lock.read_text() == before
    lock.write_text(lock.read_text().replace('"margin": 0.3', '"margin": 0.4'))
    code, error = gate()
    assert (code, "the plan's lock was changed or damaged" in error) == (4, True)


def test_explain_and_prove_on_the_command_line(swept: Path) -> None:
    text = (swept / "sweep.toml").read_text()
    (swept / "sweep.toml").write_text(
        text.replace("accuracy = 0.9\nseed = 5\n[[task]]", "accuracy = 0.1\nseed = 5\n[[task]]")
    )
    (swept / "gate.toml").write_text(
        'version = 1\n[defaults]\nmargin = 0.2\nslices = ["depth_bin"]\nslice_margin = 0.7\n'
    )
    assert harness("run", "sweep.toml", cwd=swept).returncode == 0
    short = harness("gate", "s/base", "s/same", cwd=swept).stdout
    assert "slices pass; --explain shows them" in short
    assert "positive control ctl: regressed" in short
    full = harness("gate", "s/base", "s/same", "--explain", "--prove", cwd=swept)
    assert "retrieval.exact at 1k, depth_bin=00-20%: the drop is below" in full.stdout
    assert "[defaults]" in full.stdout
    assert "proof: a point beyond the margin everywhere the verdict is " in full.stderr


def test_what_is_lost_to_the_budget_is_told_apart() -> None:
    made = modes(cut=0)
    made.pairs.loc[100:119, "cand_correct"] = False
    made.pairs.loc[100:119, "cand_mode"] = "truncated.reasoning"
    note = next(note for note in decide(made, policy()).notes if note.startswith("truncated replies"))
    assert note.startswith(
        "truncated replies: 0 in the baseline, 20 in the candidate; over the 180 samples without one"
    )
    assert "the drop is 0.0 points (90 % interval" in note
    assert not any(note.startswith("truncated") for note in decide(modes(cut=0), policy()).notes)


def test_a_slice_may_be_regressed_within_its_margin_and_says_why() -> None:
    narrow = Policy("p", PolicyFile(version=1, defaults={"slices": ["language"], "margin": 0.1, "slice_margin": 0.2}))
    verdict = decide(sliced({"de": 0, "sw": 8}, contexts=60), narrow)
    assert verdict.state == "regressed"
    assert "13.3 points fewer" in verdict.sentence
    assert "beyond chance, and not proven to be within the 20.0 allowed" in verdict.sentence


def test_a_guarded_mode_that_nobody_has_is_questioned() -> None:
    for pattern, questioned in (("truncatd.*", True), ("truncated.*", False), ("hallucinated", False)):
        guarded = Policy("p", PolicyFile(version=1, mode=[{"mode": pattern, "margin": 0.05}]))
        notes = " ".join(decide(modes(cut=0), guarded).notes)
        assert ("check its spelling" in notes) == questioned


def test_two_guessing_models_prove_nothing_together() -> None:
    rng = np.random.default_rng(3)
    cells = {("t.a", n): np.repeat((rng.random((400, 1)) < 0.27)[:, :, None], 2, axis=2) for n in (1024, 2048)}
    made = comparison(cells)
    base = RunInfo(**{**{f: getattr(made.baseline, f) for f in RunInfo.__dataclass_fields__}, "floors": {"t.a": 0.25}})
    verdict = decide(Comparison(**{**made.__dict__, "baseline": base}), policy(margin=0.1))
    assert verdict.state == "inconclusive"
    assert all(not row.assessable for row in verdict.rows)


def test_a_tie_never_worsens_means_of_replies() -> None:
    """One reply of twenty lost ones mended: the method may not change with it."""
    import pandas as pd

    made = comparison({("t.a", 1024): answers(6, 40, losses=10)})
    twice = pd.concat([made.pairs, made.pairs.assign(replicate=1)], ignore_index=True)
    mended = twice.copy()
    mended.loc[mended.index[~mended["cand_correct"]][0], "cand_correct"] = True
    uppers = [
        decide(Comparison(**{**made.__dict__, "pairs": pairs}), policy(margin=0.1, icc=0.0)).rows[0].drop.high
        for pairs in (twice, mended)
    ]
    assert uppers[1] <= uppers[0]


def test_slices_of_whole_numbers_that_some_samples_lack() -> None:
    made = sliced({"1": 0, "2": 0})
    made.pairs["axis.place"] = made.pairs["axis.language"].map({"1": 3.0, "2": None})
    by_place = Policy("p", PolicyFile(version=1, defaults={"slices": ["place"], "margin": 0.1}))
    assert [row.part for row in decide(made, by_place).rows if row.part] == ["place=3"]


def test_an_incomplete_run_is_incomplete_whatever_the_rules() -> None:
    at_2k = Policy("p", PolicyFile(version=1, rule=[{"length": "2k", "margin": 0.2}]))
    verdict = decide(comparison({("t.a", 1024): answers(40, 1)}, missing=40), at_2k)
    assert verdict.state == "invalid"
    assert "incomplete: 40 of 40" in verdict.sentence


def test_a_rule_that_matches_nothing_is_found_before_a_call(swept: Path) -> None:
    (swept / "gate.toml").write_text('version = 1\n[[rule]]\ntask = "retreival.*"\n')
    for command in ("plan", "run"):
        done = harness(command, "sweep.toml", cwd=swept)
        assert (done.returncode, "rule 1 matches nothing" in done.stderr) == (2, True)
    assert not (swept / "results").exists()


def test_a_lock_that_comes_late_says_so(swept: Path) -> None:
    def notes() -> str:
        return " ".join(json.loads(harness("gate", "s/base", "s/same", "--json", cwd=swept).stdout)["notes"])

    assert harness("run", "sweep.toml", cwd=swept).returncode == 0
    assert "plan" not in notes()
    lock = swept / "results/s/plan.lock"
    first = lock.read_text()
    lock.unlink()
    (swept / "gate.toml").write_text("version = 1\n[defaults]\nmargin = 0.5\n")
    assert "it was locked for the first time then" in harness("run", "sweep.toml", cwd=swept).stderr
    assert "it was locked for the first time then" in notes()
    lock.write_text(first)
    alone = (swept / "sweep.toml").read_text().split("[[model]]")
    (swept / "alone.toml").write_text(alone[0] + "[[model]]" + alone[1] + "[[task]]" + alone[-1].split("[[task]]")[1])
    assert harness("run", "alone.toml", cwd=swept).returncode == 0
    assert "policy.defaults.margin: 0.2 -> 0.5" in notes()
