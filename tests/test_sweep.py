"""The sweep file: what is wrong with it is said with the line, the key and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.plan import cost_of, make_plan, rebuild, samples_of
from harness.registry import make_task
from harness.sizes import format_size, parse_size
from harness.sweep import LoadedSweep, load_sweep


def complaint(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(HarnessError) as error:
        load_sweep(file)
    assert error.value.exit_code == 2
    return str(error.value).replace(str(file), "sweep.toml")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("lengths =", "lenghts =", "sweep.toml:5: unknown key 'lenghts' in [sweep] (did you mean 'lengths'?)"),
        ('"1k"', '"1q"', "sweep.toml:5: lengths: '1q' is not a size in tokens"),
        ("seed = 3", "seed = 'x'", "sweep.toml:4: seed: Input should be a valid integer"),
        ('adapter = "lexical"', 'adapter = "lexcal"', "sweep.toml:14: [[model]] lexical: unknown adapter 'lexcal'"),
        ('adapter = "lexical"', 'adapter = "openai"', "sweep.toml:14: [[model]] lexical: 'model' is missing"),
        ('role = "baseline"', 'role = "base"', "sweep.toml:11: role: Input should be 'baseline', 'candidate'"),
        ("keys = 4", "kyes = 4", "sweep.toml:20: [[task]] retrieval.exact: unknown key 'kyes' (did you mean 'keys'?)"),
        ("keys = 4", "keys = 400", "sweep.toml:20: [[task]] retrieval.exact: keys: Input should be less than"),
        ('name = "retrieval.exact"', 'name = "retreival.exact"', "unknown task 'retreival.exact' (did you mean"),
        ("[[task]]", "[[tsak]]", "sweep.toml:18: unknown key 'tsak' (did you mean 'task'?)"),
        ('name = "oracle"', 'name = "lexical"', "two models share a name"),
        ('name = "lexical"', 'name = "lexical"\nrole = "baseline"', "two models have the role baseline"),
        ('["1k"]', '["1k", "1024"]', "a length is named twice"),
        ('name = "s"', 'name = "../s"', "sweep.toml:3: name: String should match pattern"),
        ("seed = 3", "seed = 3 3", "sweep.toml: not TOML"),
        ("seed = 3", "seed = 2026-01-01", "sweep.toml: sweep: seed: 2026-01-01 is no plain value"),
        ("keys = 4", "absent_rate = nan", "absent_rate: nan is no plain value"),
        ('"1k"', '"${NOT_SET_HERE}"', "the environment variable NOT_SET_HERE is not set"),
    ],
)
def test_what_is_wrong_is_named(sweep_file: Path, sweep_text: str, before: str, after: str, expected: str) -> None:
    assert before in sweep_text
    assert expected in complaint(sweep_file, sweep_text.replace(before, after, 1))


def test_a_missing_file_and_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no such file"):
        load_sweep(tmp_path / "nothing.toml")
    assert "the table [[model]] is missing" in complaint(
        tmp_path / "s.toml", '[sweep]\nname = "a"\nlengths = ["1k"]\n[[task]]\nname = "retrieval.exact"\n'
    )


def test_placeholders_are_resolved_but_kept_on_disk(
    sweep_file: Path, sweep_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_URL", "http://user:hunter2@127.0.0.1/v1")
    sweep_file.write_text(
        sweep_text.replace('adapter = "lexical"', 'model = "x"\nbase_url = "${SECRET_URL}"\nsampling = { top_p = 0.5 }')
    )
    sweep = load_sweep(sweep_file)
    model = sweep.resolved.model[1]
    assert model.model_extra == {"model": "x", "base_url": "http://user:hunter2@127.0.0.1/v1"}
    config = sweep.config_of("lexical")
    assert config["model"]["base_url"] == "${SECRET_URL}"
    assert config["model"]["sampling"] == {"top_p": 0.5}
    assert "hunter2" not in str(config)


def test_set_changes_keys(sweep_file: Path) -> None:
    sets = ["sweep.seed=9", "model[lexical].sampling.temperature=1", "task.keys=8", "sweep.name=other"]
    sweep = load_sweep(sweep_file, sets=sets).resolved
    assert (sweep.sweep.seed, sweep.sweep.name) == (9, "other")
    assert sweep.model[1].sampling == {"temperature": 1}
    assert sweep.task[0].model_extra == {"keys": 8, "decoys": 2}


@pytest.mark.parametrize("change", ["seed=3", "sweep.seed", "model[nobody].role=x", "sweep.seed.deep=1"])
def test_a_set_that_cannot_be_applied(sweep_file: Path, change: str) -> None:
    with pytest.raises(HarnessError, match="--set"):
        load_sweep(sweep_file, sets=[change])


def plan_of(sweep: LoadedSweep, limit: int | None = None) -> list[str]:
    plan = make_plan(sweep, limit)
    return [s.id for cell in plan.cells for context in cell.wanted for s in samples_of(cell, context, plan)]


def test_a_plan_and_its_rebuilt_samples(sweep_file: Path) -> None:
    sweep = load_sweep(sweep_file)
    plan = make_plan(sweep)
    assert (plan.samples, plan.planned, plan.limited) == (8, 8, False)
    cell = plan.cells[0]
    for context in cell.wanted:
        for sample in samples_of(cell, context, plan):
            task = make_task(sample.task, sample.recipe.params)
            again = rebuild(sample.recipe, task, plan.counter)
            assert again == sample
            assert task.prompt(again) == cell.task.prompt(sample)
    assert plan_of(sweep, 3) == [
        "retrieval.exact/1k/c0000/q0",
        "retrieval.exact/1k/c0001/q1",
        "retrieval.exact/1k/c0002/q0",
    ]


def test_cost_is_an_upper_bound(sweep_file: Path, sweep_text: str) -> None:
    price = "price = { input = 1.0, cached_input = 0.25, output = 4.0 }\nreasoning_budget = 72\nruns = 2"
    sweep_file.write_text(sweep_text.replace('adapter = "lexical"', f'adapter = "lexical"\n{price}'))
    sweep = load_sweep(sweep_file)
    cost = cost_of(make_plan(sweep), sweep.resolved.model[1])
    assert (cost.requests, cost.input_tokens, cost.cached_tokens) == (16, 16 * 1024, 12 * 1024)
    assert cost.output_tokens == 16 * (128 + 72)
    assert cost.money == pytest.approx((4 * 1024 + 12 * 1024 * 0.25 + 3200 * 4) / 1e6)


@given(st.integers(1, 10_000_000))
def test_sizes_read_what_they_write(tokens: int) -> None:
    assert parse_size(format_size(tokens)) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"), [("32k", 32768), ("1M", 1048576), ("1.5k", 1536), (700, 700), (" 4K ", 4096)]
)
def test_sizes(text: str | int, tokens: int) -> None:
    assert parse_size(text) == tokens


@pytest.mark.parametrize("text", ["", "k", "0", "-4k", "1.0001k", "four", "1e3"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)
