"""The verdict: right states, right exit codes, and never worse for a loss turned into a tie."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ConfigError, ExitCode
from harness.gate import Policy, Verdict, decide, emit, load_policy
from harness.gate.policy import PolicyFile
from harness.store import Comparison, RunInfo

ORDER = {"pass": 0, "inconclusive": 1, "regressed": 2}


def info(model: str, **changes: Any) -> RunInfo:
    fields: dict[str, Any] = {"kind": "model", "role": "candidate", "planned": 0, "identity": {}, "environment": {}}
    return RunInfo(sweep="s", model=model, path=Path("x"), config={}, **(fields | changes))


def comparison(cells: dict[tuple[str, int], np.ndarray], **changes: Any) -> Comparison:
    """Make a comparison: for each task and length an array contexts x questions x 2 of right answers, both models."""
    rows = []
    for (task, length), answers in cells.items():
        for c, context in enumerate(answers):
            for q, (base, cand) in enumerate(context):
                rows.append((task, length, f"{task}/c{c}", f"{task}/{length}/c{c}/q{q}", bool(base), bool(cand)))
    pairs = pd.DataFrame(rows, columns=["task", "length", "context_id", "sample_id", "base_correct", "cand_correct"])
    pairs["replicate"], pairs["base_mode"], pairs["cand_mode"] = 0, None, None
    fields: dict[str, Any] = {
        "baseline": info("base", role="baseline"),
        "candidate": info("cand"),
        "pairs": pairs,
        "planned": len(pairs),
        "invalid_baseline": 0,
        "invalid_candidate": 0,
        "missing": 0,
        "problems": (),
    }
    return Comparison(**(fields | changes))


def answers(contexts: int, questions: int, losses: int = 0, gains: int = 0) -> np.ndarray:
    """Return right answers of both models: everything right but the flips, which are spread over the contexts."""
    flat = np.ones((contexts * questions, 2), dtype=bool)
    order = np.arange(contexts * questions).reshape(contexts, questions).T.ravel()
    flat[order[:losses], 1] = False
    flat[order[losses : losses + gains], 0] = False
    return flat.reshape(contexts, questions, 2)


def policy(**defaults: Any) -> Policy:
    return Policy("p", PolicyFile(version=1, defaults=defaults))


def verdict_on(cells: dict[tuple[str, int], np.ndarray], **defaults: Any) -> Verdict:
    return decide(comparison(cells), policy(**defaults))


def test_equal_runs_pass_when_there_are_enough() -> None:
    verdict = verdict_on({("t.a", 1024): answers(60, 1)}, margin=0.05)
    assert (verdict.state, verdict.exit_code) == ("pass", ExitCode.PASS)
    assert verdict.sentence == (
        "cand may replace base for this work up to 1k tokens: everywhere the drop is below the allowed 5.0 points "
        "(largest bound 4.9)."
    )


def test_a_clear_loss_is_regressed() -> None:
    verdict = verdict_on({("t.a", 32768): answers(20, 4, losses=16)}, margin=0.05, icc=0.1)
    assert (verdict.state, verdict.exit_code) == ("regressed", ExitCode.REGRESSED)
    assert verdict.sentence.startswith("Do not ship cand: on t.a at 32k it answers 20.0 points fewer questions")
    assert "the allowed drop is 5.0" in verdict.sentence


def test_few_samples_are_inconclusive_and_say_how_many_settle_it() -> None:
    verdict = verdict_on({("t.a", 1024): answers(20, 1)}, margin=0.05)
    assert (verdict.state, verdict.exit_code) == ("inconclusive", ExitCode.INCONCLUSIVE)
    more = verdict.rows[0].more_contexts
    assert more is not None
    assert 40 <= more <= 120
    assert f"about {more} more contexts would settle it" in verdict.sentence


def test_a_warning_policy_lets_the_inconclusive_through_and_says_so() -> None:
    verdict = verdict_on({("t.a", 1024): answers(20, 1)}, on_inconclusive="warn")
    assert (verdict.state, verdict.exit_code) == ("inconclusive", ExitCode.PASS)
    assert emit(verdict, "github").startswith("::warning title=inconclusive::")


def test_ten_identical_samples_never_pass_a_small_margin() -> None:
    for margin in (0.01, 0.05, 0.2):
        assert verdict_on({("t.a", 1024): answers(10, 1)}, margin=margin).state == "inconclusive"


def test_shared_contexts_count_as_what_they_are_worth() -> None:
    cells = {("t.a", 1024): answers(20, 8)}
    assert verdict_on(cells, margin=0.05).state == "inconclusive"
    assert verdict_on(cells, margin=0.05, icc=0.1).state == "pass"
    assert verdict_on(cells, margin=0.05, population="fixed").state == "pass"
    row = verdict_on(cells, margin=0.05, icc=0.1).rows[0]
    assert row.effective_n == pytest.approx(160 / 1.7)


def test_whole_contexts_that_fail_are_one_loss_each() -> None:
    """Two of thirty contexts lose all eight questions: no harm is shown, where counting samples would shout."""
    flat = answers(30, 8)
    flat[:2, :, 1] = False
    assert verdict_on({("t.a", 1024): flat}, margin=0.03).state == "inconclusive"
    assert verdict_on({("t.a", 1024): flat}, margin=0.03, population="fixed").state == "regressed"


def test_one_collapsed_cell_is_not_hidden_by_the_average() -> None:
    cells = {("t.a", 1024 * 2**i): answers(40, 1) for i in range(8)}
    cells["t.b", 1024] = answers(40, 1, losses=16)
    verdict = verdict_on(cells, margin=0.2, overall_margin=0.1)
    assert verdict.state == "regressed"
    assert [(row.task, row.length) for row in verdict.rows if row.state == "regressed"] == [("t.b", 1024)]


def test_worse_within_the_margin_passes_with_a_note() -> None:
    verdict = verdict_on({("t.a", 1024): answers(2000, 1, losses=40)}, margin=0.05)
    assert verdict.state == "pass"
    assert any("worse within the margin" in note for note in verdict.notes)


def test_a_better_model_passes_with_a_note() -> None:
    verdict = verdict_on({("t.a", 1024): answers(200, 1, gains=40)}, margin=0.05)
    assert verdict.state == "pass"
    assert any("better by 20.0 points" in note for note in verdict.notes)


def test_a_baseline_at_chance_can_lose_nothing_and_so_proves_nothing() -> None:
    verdict = verdict_on({("t.a", 1024): np.zeros((300, 1, 2), dtype=bool)}, margin=0.05)
    assert verdict.state == "inconclusive"
    assert "not assessable" in verdict.rows[0].reason


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"missing": 3}, "incomplete: 3 of 60 planned replies are missing"),
        ({"invalid_candidate": 2}, "2 of 60 replies of the candidate have no score"),
        ({"problems": ("[sweep] seed differs",)}, "[sweep] seed differs"),
    ],
)
def test_what_cannot_be_compared_is_invalid(changes: dict[str, Any], what: str) -> None:
    verdict = decide(comparison({("t.a", 1024): answers(60, 1)}, **changes), load_policy(None))
    assert (verdict.state, verdict.exit_code) == ("invalid", ExitCode.INVALID)
    assert what in verdict.sentence
    assert what in " ".join(verdict.notes)


def test_nothing_paired_is_invalid() -> None:
    verdict = decide(comparison({}), load_policy(None))
    assert verdict.state == "invalid"


def test_invalid_samples_within_the_budget_are_noted_and_not_counted_as_wrong() -> None:
    verdict = decide(comparison({("t.a", 1024): answers(200, 1)}, invalid_candidate=1), load_policy(None))
    assert verdict.state == "pass"
    assert any("1 replies have no score" in note for note in verdict.notes)


def test_controls_are_named() -> None:
    made = comparison({("t.a", 1024): answers(60, 1)}, candidate=info("c", kind="simulated", role="positive-control"))
    notes = " ".join(decide(made, load_policy(None)).notes)
    assert "s/c is a simulated model" in notes
    assert "positive control" in notes


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    contexts=st.integers(6, 40),
    questions=st.integers(1, 6),
    loss=st.floats(0, 0.4),
    icc=st.sampled_from([None, 0.0, 0.1, 0.5]),
)
def test_a_loss_turned_into_a_tie_never_worsens_the_verdict(
    seed: int, contexts: int, questions: int, loss: float, icc: float | None
) -> None:
    rng = np.random.default_rng(seed)
    both = rng.random((contexts, questions, 2)) > [0.15, 0.15 + loss]
    lost = np.argwhere(both[:, :, 0] & ~both[:, :, 1])
    if not len(lost):
        return
    mended = both.copy()
    c, q = lost[rng.integers(len(lost))]
    mended[c, q, 1] = True
    before = verdict_on({("t.a", 1024): both}, margin=0.1, icc=icc)
    after = verdict_on({("t.a", 1024): mended}, margin=0.1, icc=icc)
    assert ORDER[after.state] <= ORDER[before.state]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_is_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = comparison({("t.a", 1024): rng.random((12, 3, 2)) > 0.3, ("t.b", 1024): rng.random((12, 3, 2)) > 0.3})
    shuffled = Comparison(**{**made.__dict__, "pairs": made.pairs.sample(frac=1, random_state=seed)})
    assert decide(made, load_policy(None)) == decide(shuffled, load_policy(None))


def test_replies_to_one_sample_are_averaged_first() -> None:
    made = comparison({("t.a", 1024): answers(12, 4, losses=6)})
    twice = pd.concat([made.pairs, made.pairs.assign(replicate=1, cand_correct=True)])
    verdict = decide(Comparison(**{**made.__dict__, "pairs": twice}), policy(margin=0.2))
    row = verdict.rows[0]
    assert (row.drop.n, row.drop.value) == (48, pytest.approx(6 / 96))
    assert row.drop.method == "cluster-t below, Fay-Lumbard above"


def test_one_lost_reply_of_several_never_makes_a_pass() -> None:
    """Means of replies that are nearly all alike have almost no spread, and must not look certain for it."""
    made = comparison({("t.a", 1024): answers(6, 20)})
    for lost in (0, 1):
        twice = pd.concat([made.pairs, made.pairs.assign(replicate=1)], ignore_index=True)
        twice.loc[: lost - 1, "cand_correct"] = lost == 0
        assert decide(Comparison(**{**made.__dict__, "pairs": twice}), load_policy(None)).state == "inconclusive"


def test_a_cell_that_is_gone_is_not_forgotten() -> None:
    asked = {("t.a", 1024): 300, ("t.a", 2048): 300}
    whole = comparison({("t.a", 1024): answers(300, 1), ("t.a", 2048): answers(300, 1)})
    assert decide(replace(whole, cells=asked), load_policy(None)).state == "pass"
    for kept in (0, 280):
        cells = {("t.a", 1024): answers(300, 1), ("t.a", 2048): answers(300, 1)[:kept]}
        verdict = decide(replace(comparison(cells), cells=asked), load_policy(None))
        assert verdict.state == "invalid"
        assert f"t.a at 2k: {300 - kept} of 300 replies have no scored pair" in verdict.sentence


def test_false_alarms_stay_below_alpha_on_equal_models() -> None:
    """400 simulated A/A comparisons with shared contexts: 5 % may be called regressed; 9 % bounds the Monte Carlo."""
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(400):
        common = rng.random((16, 1)) < 0.06
        both = np.stack(
            [~(common * (rng.random((16, 6)) < 0.8)) & (rng.random((16, 6)) > 0.1) for _ in range(2)], axis=2
        )
        alarms += verdict_on({("t.a", 1024): both}, margin=0.001, icc=0.3).state == "regressed"
    assert alarms / 400 <= 0.09


def write_policy(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "gate.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("version = 1\n[defaults]\nmargn = 0.1", "defaults: unknown key 'margn' (did you mean 'margin'?)"),
        ("[defaults]\nmargin = 0.1", "'version' is missing"),
        ("version = 2", "version: Input should be 1"),
        ("version = 1\n[defaults]\nmargin = 5", "margin: Input should be less than 1"),
        ("version = 1\n[[rule]]\nlength = '9q'", "length: '9q' is not a size"),
        ("version = ", "not TOML"),
    ],
)
def test_a_wrong_policy_is_named(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_policy(write_policy(tmp_path, text))
    assert what in str(error.value)
    assert "gate.toml" in str(error.value)


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_policy(tmp_path / "no.toml")


RULES = """
version = 1
[[rule]]
task = "t.*"
margin = 0.5
[[rule]]
task = "t.b"
length = "2k"
level = "warn"
[[rule]]
task = "t.c"
level = "off"
"""


def test_the_last_rule_that_matches_counts(tmp_path: Path) -> None:
    rules = load_policy(write_policy(tmp_path, RULES))
    cells = {("t.a", 1024): answers(20, 1), ("t.b", 2048): answers(20, 1, losses=20), ("t.c", 1024): answers(9, 1)}
    verdict = decide(comparison(cells), rules)
    assert verdict.state == "pass"
    assert [(row.task, row.margin, row.required, row.state) for row in verdict.rows] == [
        ("t.a", 0.5, True, "pass"),
        ("t.b", 0.05, False, "regressed"),
    ]


def test_a_rule_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    rules = load_policy(write_policy(tmp_path, RULES))
    with pytest.raises(ConfigError, match="rule 2 matches nothing"):
        decide(comparison({("t.a", 1024): answers(20, 1)}), rules)


def regressed() -> Verdict:
    return verdict_on({("t.a", 1024): answers(20, 1, losses=9), ("t.a", 2048): answers(20, 1)}, margin=0.1)


def test_the_terminal_shows_everything() -> None:
    verdict = regressed()
    assert emit(verdict, "text") == TEXT.replace("HASH", verdict.policy_sha256[:8])


TEXT = """\
✕ REGRESSED  s/cand against s/base
Do not ship cand: on t.a at 1k it answers 45.0 points fewer questions correctly than base (90 % interval 15.5 to 65.3); the allowed drop is 10.0.

   row        n (contexts)  baseline             candidate            lost/gained  drop               margin  state
✕  t.a at 1k  20 (20)       100.0 [83.9, 100.0]  55.0 [34.2, 74.2]    9/0          45.0 [15.5, 65.3]  10.0    regressed
?  t.a at 2k  20 (20)       100.0 [83.9, 100.0]  100.0 [83.9, 100.0]  0/0          0.0 [-13.9, 13.9]  10.0    inconclusive
✕  overall    40 (20)       100.0 [83.9, 100.0]  77.5 [55.7, 90.4]    9/0          22.5 [12.6, 42.9]  10.0    regressed

t.a at 1k: worse beyond chance (p 0.004 after correction), by 45.0 points; 10.0 are allowed
t.a at 2k: the drop may be as large as 13.9 points; 10.0 are allowed
overall: worse beyond chance (p 0.002 after correction), by 22.5 points; 10.0 are allowed
40 paired replies; alpha 0.05 one-sided; intervals of shares 95 %, of drops 90 %; estimand: new contexts of the same kind; icc 1 (not given, so a context counts as one sample); p HASH
exit code 1"""


def test_json_has_a_schema_and_every_number() -> None:
    plain = json.loads(emit(regressed(), "json"))
    assert plain["schema"] == "longcontext-harness/verdict@1"
    assert (plain["state"], plain["exit_code"]) == ("regressed", 1)
    assert plain["rows"][0]["drop"]["value"] == pytest.approx(0.45)


def test_junit_is_xml_with_a_failure() -> None:
    root = ElementTree.fromstring(emit(regressed(), "junit"))
    assert [case.get("name") for case in root.iter("testcase")] == ["verdict", "t.a at 1k", "t.a at 2k", "overall"]
    assert len(root.findall(".//failure")) == 3
    invalid = decide(comparison({}), load_policy(None))
    assert ElementTree.fromstring(emit(invalid, "junit")).find(".//error") is not None


def test_github_annotations_escape_what_would_end_them() -> None:
    lines = emit(regressed(), "github").split("\n")
    assert lines[0].startswith("::error title=regressed::Do not ship cand")
    assert "90 %25 interval" in lines[0]


def test_markdown_fits_a_comment_and_escapes_names() -> None:
    cells = {(f"t.<b>|{i:03d}", 1024): answers(6, 1) for i in range(900)}
    text = emit(verdict_on(cells), "markdown")
    assert len(text) <= 65_536
    assert "more rows" in text
    assert "<b>" not in text
