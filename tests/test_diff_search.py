"""Classes of logged requests that nobody declared: found where change concentrates, not found where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from harness.diff.contexts import contexts_of
from harness.diff.log import Logged
from harness.diff.pairing import Item
from harness.diff.replies import NOT_JSON, Read
from harness.diff.search import Search, search
from harness.diff.wording import leads, search_sentence
from harness.gate.explore.classes import edge_texts
from harness.records import Message
from harness.stats import excess_by_sample, excess_flips, relabelled_excess


def item(at: int, texts: Sequence[str], /, context: str = "", **axes: Any) -> Item:
    reads = tuple(Read(text, text, NOT_JSON, False, None, frozenset(), None, None, None) for text in texts)
    half = len(reads) // 2
    return Item(f"r{at}", context or f"c{at}", axes, (), reads[:half], reads[half:])


def crossed(changed: Any, noisy: Any = lambda at: False, context: Any = lambda at: f"c{at}") -> list[Item]:
    """Return 240 requests: four languages, three plans and a tier, crossed."""
    found = []
    for at in range(240):
        axes = {"language": ["en", "de", "fr", "ja"][at % 4], "plan": ["free", "team", "pro"][at // 4 % 3]}
        texts = ["a", f"n{at}" if noisy(at) else "a", *(["b", "b"] if changed(at, axes) else ["a", "a"])]
        found.append(item(at, texts, context(at), **axes, tier=at // 12, length_tokens=512 << at % 2))
    return found


def scattered(at: int) -> float:
    return float(np.random.default_rng([at, 3]).random())


def found_in(items: list[Item]) -> Search:
    return search(items, 0, permutations=500)


def test_a_class_of_two_columns_is_found_and_named() -> None:
    items = crossed(lambda at, axes: axes == {"language": "de", "plan": "pro"} and at % 5 > 0, lambda at: at % 7 == 0)
    found = found_in(items)
    (first,) = found.found
    assert first.conditions == ("language=de", "plan=pro")
    assert (first.n, first.contexts, first.p < 0.01) == (20, 20, True)
    assert first.excess.value is not None
    assert 0.6 < first.excess.value < 0.9
    assert first.elsewhere.value == 0.0
    assert found.columns == ("language", "plan", "tier", "length")
    (lead,) = leads(found)
    assert lead.startswith("Change concentrates in language=de and plan=pro: an excess of ")
    assert "not declared" in lead
    assert "; 1 changed more" in search_sentence(found)


def test_change_everywhere_is_no_class() -> None:
    assert found_in(crossed(lambda at, axes: True)).found == ()
    assert found_in(crossed(lambda at, axes: scattered(at) < 0.3)).found == ()


def test_noise_in_a_class_is_no_change() -> None:
    items = [
        item(at, [f"n{at}{reply}" if at % 4 == 0 and scattered(4 * at + reply) < 0.4 else "a" for reply in range(4)])
        for at in range(240)
    ]
    items = [item(at, [r.text for r in (*i.baseline, *i.candidate)], kind=at % 4) for at, i in enumerate(items)]
    found = found_in(items)
    assert (found.found, found.classes) == ((), 4)
    assert "none changed more" in search_sentence(found)


def test_one_changed_context_is_not_many_changed_requests() -> None:
    texts = {7: "x", 3: "y"}
    items = [item(at, ["a", "a", *[texts.get(at // 20, "a")] * 2], f"c{at // 20}", kind=at % 2) for at in range(240)]
    assert found_in(items).found == ()


def test_too_few_requests_are_not_searched() -> None:
    assert found_in([]) == Search((), 0, ())
    assert found_in(crossed(lambda at, axes: True)[:9]).classes == 0
    assert found_in([item(at, "aabb") for at in range(40)]).classes == 0


def test_a_column_named_length_is_not_the_length_of_the_prompt() -> None:
    items = [item(at, "aaaa", length=["s", "l"][at % 2], length_tokens=512 << at // 20) for at in range(40)]
    assert found_in(items).columns == ("length", "length_tokens")


def test_columns_with_the_most_values_are_left_out_and_said() -> None:
    many = [item(at, "aaaa", **dict[str, Any]({f"c{k:02}": at % (k + 2) for k in range(27)})) for at in range(40)]
    found = search(many, 0, permutations=20)
    assert (found.unsearched, "c25" in found.columns, "c26" in found.columns) == (2, False, False)
    assert "(2 further columns have more values and were not searched)" in search_sentence(found)


def test_relabelled_excess_is_what_excess_flips_draws() -> None:
    before = [["a", "a"], ["a", "b"], ["a", "a"], ["c", "c"]]
    after = [["b", "b"], ["a", "a"], ["a", "a"], ["d", "e"]]
    contexts = ["x", "x", "y", "z"]
    drawn = relabelled_excess(before, after, contexts, permutations=400)
    whole = excess_flips(before, after, contexts, permutations=400)
    found = excess_by_sample(before, after)
    observed = (found[:, 0] - found[:, 1:].mean(axis=1)).mean()
    assert whole is not None
    assert whole.p == pytest.approx((1 + (drawn.mean(axis=0) >= observed - 1e-6).sum()) / 401)
    assert not drawn[2].any()
    assert set(np.unique(drawn[0])) == {-0.5, 1.0}  # one of three splits of aabb, and the two others
    assert abs(drawn[0].mean()) < 0.15


def logged(at: int, *turns: tuple[str, str], context: str = "") -> Logged:
    messages = tuple(Message(role, text) for role, text in turns)  # type: ignore[arg-type]
    return Logged(id=f"r{at}", line=at, messages=messages, max_tokens=None, sampling={}, columns={}, context=context)


def groups(requests: Sequence[Logged]) -> list[int]:
    keys = list(contexts_of(requests).keys.values())
    return sorted(keys.count(key) for key in set(keys))


def test_a_system_prompt_of_the_whole_log_is_no_context() -> None:
    product = ("system", "You help. " * 50)
    found = [logged(at, product, ("user", f"question {at}")) for at in range(40)]
    assert groups(found) == [1] * 40
    assert contexts_of(found).templated == 40


def test_texts_conversations_and_repeated_requests_are_contexts() -> None:
    few = [logged(at, ("system", f"Text {at // 4}. " * 50), ("user", f"question {at}")) for at in range(40)]
    assert groups(few) == [4] * 10
    talk = [("user", "How long is the warranty?"), ("assistant", "2 years"), ("user", "And of parts?")]
    assert groups([logged(0, talk[0]), logged(1, *talk), logged(2, ("user", "Hello"))]) == [1, 2]
    halves = [logged(at, ("user", "Manual. " * 50), *talk[1:]) if at % 4 else logged(at, *talk) for at in range(24)]
    assert groups([*halves, *(logged(24 + at, ("user", f"q{at}")) for at in range(24))]) == [1] * 24 + [6, 18]
    assert groups([logged(at, ("user", "ping")) for at in range(30)]) == [30]
    assert groups([logged(at, ("user", f"q{at}"), context="one") for at in range(3)]) == [3]


def test_edges_of_bins_can_be_told_apart() -> None:
    assert edge_texts([0.25, 2.5, 10.0]) == ["0.25", "2.5", "10"]
    assert edge_texts([1700000100.0, 1700000200.0]) == ["1700000100", "1700000200"]
