"""What a diff says of replies: sameness, noise, places, fields, form, lengths, and which pairs are shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.diff.changes import changes_of, excesses, headline_level, places_of, share_estimate
from harness.diff.config import ANSWER_LINE, DiffTable, load_diff
from harness.diff.fields import fields_of
from harness.diff.log import read_log
from harness.diff.pairing import Item
from harness.diff.redact import RULES, Redactor
from harness.diff.replies import Reader, normalised
from harness.diff.shifts import rates_of, ratios_of
from harness.diff.worst import worst_of
from harness.errors import ConfigError
from harness.records import Message, Reply, Usage
from harness.stats import excess_by_sample, excess_flips

PROMPT = (Message("user", "What is it?"),)


def item(
    at: int, before: Sequence[str], after: Sequence[str], *, context: str = "", schema: Any = None, **axes: Any
) -> Item:
    name = f"r{at}"
    reader = Reader(ANSWER_LINE, {name: schema} if schema else {}, {name: PROMPT})

    def read(text: str) -> Any:
        reply = Reply(text=text, usage=Usage(completion_tokens=len(text)), latency_s=1.0, finish_reason="stop")
        return reader.read(name, reply)

    return Item(name, context or name, axes, PROMPT, tuple(map(read, before)), tuple(map(read, after)))


def test_levels_of_sameness_from_strict_to_coarse() -> None:
    found = changes_of([item(0, ["**Yes** it  is\nAnswer: 7."] * 2, ["yes it is\nANSWER: 7"] * 2)])
    assert {change.level: change.between for change in found} == {"exact": 1.0, "normalised": 1.0, "label": 0.0}
    (exact, same) = changes_of([item(0, ["**Yes**  it is"] * 2, ["yes it is"] * 2)])
    assert (exact.between, same.between) == (1.0, 0.0)
    found = changes_of([item(0, ['{"a": 1, "b": [2]}'] * 2, ['```json\n{"b":[2],"a":1}\n```'] * 2)])
    assert {change.level: change.between for change in found} == {"exact": 1.0, "normalised": 1.0, "json": 0.0}
    assert normalised("  `A`\u00a0**b**\n# C ") == "a b c"


def test_where_whole_answers_never_agree_labels_are_the_headline() -> None:
    def asked(label: bool) -> list[Item]:
        end = ["\nAnswer: a"] * 2 if label else ["", ""]
        return [item(i, [f"{i} x{end[0]}", f"{i} y{end[0]}"], [f"{i} v{end[1]}", f"{i} w{end[1]}"]) for i in range(20)]

    assert headline_level(changes_of(asked(True)), 20) == "label"
    assert headline_level(changes_of(asked(False)), 20) == "normalised"
    assert headline_level(changes_of(asked(True)), 41) == "normalised"  # fewer than half of them have a label
    sure = [item(i, ["Answer: a"] * 2, ["Answer: b", f"Answer: {i}"]) for i in range(20)]
    assert headline_level(changes_of(sure), 20) == "normalised"  # whatever the candidate replies


def test_the_micro_example_of_excess_flips() -> None:
    before, after = [[1, 1], [1, 1], [1, 0], [0, 0], [0, 0]], [[1, 1], [0, 0], [1, 1], [0, 0], [1, 1]]
    items = [item(i, list(map(str, a)), list(map(str, b))) for i, (a, b) in enumerate(zip(before, after, strict=True))]
    found = changes_of(items)[1]
    assert (found.between, found.within_baseline, found.within_candidate) == (0.5, 0.2, 0.0)
    assert found.excess.value == pytest.approx(0.4)
    assert (found.stable, found.moved) == (4, 2)
    assert excesses(items).tolist() == pytest.approx([0, 1, 0, 0, 1])
    assert excess_by_sample(before, after)[2].tolist() == [0.5, 1.0, 0.0]


def test_replies_of_one_context_are_permuted_together() -> None:
    before, after = [["a", "a"]] * 12, [["b", "b"]] * 12
    alone = excess_flips(before, after)
    shared = excess_flips(before, after, ["one"] * 12)
    three = excess_flips(before, after, [f"c{i % 3}" for i in range(12)])
    assert alone is not None
    assert shared is not None
    assert three is not None
    assert alone.p < 0.001
    assert shared.p == pytest.approx(1 / 3, abs=0.05)
    assert three.p == pytest.approx(1 / 27, abs=0.02)
    assert alone.excess == shared.excess == three.excess == 1.0


def test_intervals_without_noise_are_exact_and_honest_about_shared_contexts() -> None:
    values = np.array([0.0] * 9 + [1.0])
    apart = share_estimate(values, [f"c{i}" for i in range(10)])
    assert (apart.low, apart.high) == (pytest.approx(0.0025, abs=1e-4), pytest.approx(0.4450, abs=1e-4))
    none = share_estimate(np.zeros(30), [f"c{i // 10}" for i in range(30)])
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 3))  # three contexts, taken as alike within
    noisy = share_estimate(np.array([0.5, 0.0, 1.0, -0.5]), list("abcd"))
    assert noisy.method == "t between contexts"


def test_change_is_placed_where_it_is_and_nowhere_else() -> None:
    items = [
        item(i, ["a"] * 2, ["b" if i % 5 == 0 else "a"] * 2, kind="x" if i % 5 == 0 else "y", coin=i % 2, size=i)
        for i in range(100)
    ]
    places = {(place.column, place.value): place for place in places_of(items, 0)}
    assert (places["kind", "x"].excess.value, places["kind", "x"].elsewhere) == (1.0, 0.0)
    assert places["kind", "x"].p_adjusted < 0.01
    assert places["coin", "0"].p_adjusted > 0.05
    assert {name for column, name in places if column == "size"} == {
        "below 24.75",
        "24.75 to 49.5",
        "49.5 to 74.25",
        "from 74.25",
    }
    whole = [item(i, ["a"] * 2, ["b" if i < 20 else "a"] * 2, context=f"c{i // 20}", kind=i < 20) for i in range(60)]
    (first, _) = places_of(whole, 0)
    assert first.contexts in (1, 2)
    assert first.p > 0.3  # one of three contexts changed: that it is the one with the column is no news


def test_fields_of_json_replies_are_compared_one_by_one() -> None:
    before = {"name": "Ann", "age": 7, "tags": ["a", "b"], "at": {"city": "X"}, "note": None}
    after = {"name": "Ann", "age": "7", "tags": ["b", "a"], "at": {}, "extra": 1, "note": None}
    items = [item(i, [json.dumps(before)] * 2, [json.dumps(after if i < 5 else before)] * 2) for i in range(10)]
    items.append(item(10, ["no json"] * 2, ["{}"] * 2))
    found = {field.path: field for field in fields_of(items)}
    assert set(found) == {"name", "age", "tags[]", "at.city", "at", "extra", "note"}
    assert (found["name"].between, found["name"].loss.value) == (1.0, 0.0)
    assert (found["age"].retyped, found["age"].changed, found["age"].loss.value) == (0.5, 0.0, 0.5)
    assert (found["tags[]"].changed, found["at.city"].missing) == (0.5, 0.5)
    assert (found["extra"].extra, found["extra"].n) == (1.0, 5)
    assert fields_of(items)[0].loss.value == 1.0


def test_noise_of_a_field_is_no_loss() -> None:
    values = [["1", "2"], ["2", "1"]]
    items = [item(i, [f'{{"v": {v}}}' for v in values[i % 2]], [f'{{"v": {v}}}' for v in values[0]]) for i in range(8)]
    (field,) = fields_of(items)
    assert (field.between, field.within_baseline) == (0.5, 0.0)
    assert field.loss.value == -0.5


def test_rates_of_form_and_their_tests() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    after = ['{"b": 1}', '```\n{"a": 1}\n```', "I'm sorry, but I can't help with that.", '{"a": 2}']
    items = [item(i, ['{"a": 1}'] * 2, [after[i % 4]] * 2, schema=schema) for i in range(40)]
    names = frozenset(each.sample_id for each in items)
    found = {rate.name: rate for rate in rates_of(items, wants_json=names, has_schema=names)}
    assert found["JSON that parses"].candidate.value == 0.75
    assert found["JSON without a fence"].candidate.value == 0.5
    assert found["JSON that meets the schema"].shift.value == -0.5
    assert found["refusal.policy"].shift.value == 0.25
    assert found["refusal.policy"].p_adjusted < 0.01
    assert "empty" not in found


def test_a_broken_schema_says_nothing_and_ruins_nothing() -> None:
    read = Reader(ANSWER_LINE, {"r": {"type": 7}, "s": {"$ref": "#/nowhere"}}, {"r": PROMPT, "s": PROMPT})
    assert read.read("r", Reply(text="{}")).valid is None
    assert read.read("s", Reply(text="{}")).valid is False
    assert read.read("s", Reply(text="[" * 5000)).is_json is False
    assert read.read("s", Reply(text='{"a": NaN}')).is_json is False


def test_lengths_and_time_are_ratios_with_the_baselines_own_beside() -> None:
    items = [item(i, ["aaaa", "aaaaaaaa"], ["a" * 8 * (1 + i % 2)] * 2) for i in range(20)]
    tokens = ratios_of(items)[0]
    assert tokens.name == "tokens of the reply"
    assert tokens.noise.value == pytest.approx(2.0)
    assert tokens.ratio.value == pytest.approx(2.0)
    assert tokens.ratio.low is not None
    assert tokens.ratio.low < 2.0


def test_stable_requests_that_moved_far_are_read_first() -> None:
    items = [
        item(0, ["same"] * 2, ["same"] * 2),
        item(1, ["abcd", "zzzz"], ["qqqq"] * 2),
        item(2, ["the answer is 4"] * 2, ["the answer is 5"] * 2),
        item(3, ["the answer is 4"] * 2, ["nothing of it"] * 2),
        item(4, ["one", "two"], ["one", "two"]),
    ]
    assert [pair.item.sample_id for pair in worst_of(items)] == ["r3", "r2"]


def test_pairs_whose_label_moved_are_read_first_where_labels_are_looked_at() -> None:
    items = [
        item(0, ["aaaa\nAnswer: 1", "bbbb\nAnswer: 1"], ["cccccccccccc\nAnswer: 1"] * 2),
        item(1, ["aaaa\nAnswer: 1", "aabb\nAnswer: 1"], ["aaaa\nAnswer: 2", "aabb\nAnswer: 2"]),
        item(2, ["aaaa\nAnswer: 1", "aabb\nAnswer: 3"], ["dddd\nAnswer: 2"] * 2),
    ]
    first = worst_of(items, "label")[0]
    assert (first.item.sample_id, first.stable, first.moved) == ("r1", True, True)
    assert worst_of(items)[0].item.sample_id != "r1"


def write(folder: Path, *lines: Any) -> Path:
    file = folder / "log.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return file


def test_shapes_of_logs(tmp_path: Path) -> None:
    turns = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
    ]
    answered = [*turns, {"role": "assistant", "content": "Hello"}]
    file = write(
        tmp_path,
        {"messages": turns, "max_tokens": 5, "team": "a", "long": "x" * 99, "user": "u", "session_token": "t"},
        "",
        {"request": {"messages": answered, "temperature": 0.5}, "response": {"id": "z"}, "id": 7, "score": 0.5},
        {"custom_id": "c", "method": "POST", "url": "/v1", "body": {"messages": turns, "metadata": {"tier": 1}}},
        {"messages": turns, "tools": [{"type": "function"}]},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
        '{"messages": [{"role": "user", "content": "cut he',
        {"custom_id": "c", "method": "POST", "url": "/v1", "body": {"messages": turns, "metadata": {"tier": 1}}},
    )
    log = read_log(file)
    assert [each.id for each in log.requests] == ["line-000001", "7", "c"]
    assert [dict(each.columns) for each in log.requests] == [{"team": "a"}, {"score": 0.5}, {"tier": 1}]
    assert {tuple(m.role for m in each.messages) for each in log.requests} == {("system", "user")}
    assert (log.requests[0].max_tokens, log.requests[1].sampling) == (5, {"temperature": 0.5})
    assert log.left_out == {
        "with tools, which diff cannot send": (1, 5),
        "with a turn of the role tool, which diff cannot send": (1, 6),
        "with parts that are no text, which diff cannot send": (1, 7),
        "that are no JSON object": (1, 8),
        "that the log has already, under the same id": (1, 9),
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{sk-live-secret"], "no JSON object"),
        ([{"prompt": "x"}], "without messages"),
        ([], "no request can be asked"),
        ([{"messages": [{"role": "user", "content": "x"}], "tools": [1]}], "no request can be asked"),
        (
            [{"id": "a", "messages": [{"role": "user", "content": text}]} for text in "xy"],
            "the same id, on lines 1 and 2",
        ),
    ],
)
def test_logs_that_cannot_be_asked_are_refused_without_their_text(tmp_path: Path, lines: list[Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        read_log(write(tmp_path, *lines))
    assert "secret" not in str(error.value)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["stop", "length", "content_filter"]))
def test_no_reply_breaks_the_reader(text: str, finish: Any) -> None:
    schema = {"type": "object"}
    read = Reader(ANSWER_LINE, {"r": schema}, {"r": PROMPT}).read("r", Reply(text=text, finish_reason=finish))
    assert read.key("json").startswith("json\0" if read.is_json else "text\0")
    assert ("truncated" in read.modes) == (finish == "length")
    once = Redactor(RULES, {}, "").redact(text)
    assert Redactor(RULES, {}, "").redact(once) == once


def test_the_sweep_of_the_page_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs/diff.md").read_text()
    shown = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "sweep.toml").write_text(shown)
    config = load_diff(tmp_path / "sweep.toml")
    assert (config.baseline.name, config.table.patterns) == ("bf16", {"staff": "EMP-[0-9]+"})
    assert [f"`{key}`" in page or f"`{key} = " in page or f"\n{key} = " in page for key in DiffTable.model_fields] == [
        True
    ] * 7
