"""Presets of published layouts, on rows written by hand: the benchmark's own metric as published, and ours beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import harness

from harness.battery.replies import REFUSAL
from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.errors import ConfigError
from harness.records import Reply, Sample, Score
from harness.registry import make_task
from tasks.workload.presets import PRESETS
from tasks.workload.presets.repoqa import bleu
from tasks.workload.scorers import Asked, make_scorer
from tasks.workload.scorers.verifiers import VERIFIERS

TEXT = "The meeting began at nine. Nobody spoke of the harbour. " * 6
POEM = "The tapir walks at night along the river and it hums a tune about the rain " * 4
OTHER = "A tapir once was seen in town where it had bought a hat and coat of brown " * 4
NODES = {
    "problem_type": "bfs",
    "prompt_chars": 40,
    "prompt": "aa -> bb\naa -> cc\nWhich nodes? End with: Final Answer: [a, b]",
}
TURNS = [
    {"role": "user", "content": "Write about tapirs"},
    {"role": "assistant", "content": POEM},
    {"role": "user", "content": "Write about tapirs"},
    {"role": "assistant", "content": OTHER},
    {"role": "user", "content": "Prepend xQ7 to the first text about tapirs and give nothing else."},
]
FUNCTION = "def add(a, b):\n    # adds\n    total = a + b\n    return total"
CHOICE = {
    "_id": "a1",
    "domain": "law",
    "sub_domain": "x",
    "difficulty": "easy",
    "length": "short",
    "question": "Who spoke?",
    "choice_A": "Ann",
    "choice_B": "Bob",
    "choice_C": "Cy",
    "choice_D": "Di",
    "answer": "B",
    "context": TEXT,
}
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
}
IFEVAL = {
    "key": 1,
    "prompt": "Say it without a comma and with four words at least.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
    "kwargs": [{}, {"num_words": 4, "relation": "at least", "keyword": None}],
}
ROWS: dict[str, dict[str, Any]] = {
    "longbench_v2": CHOICE,
    "ruler": {
        "index": 0,
        "input": f"The numbers for ann are 4410077 and 9900112, and for bob 5512345. {TEXT} What are the numbers of ann?",
        "outputs": ["4410077", "9900112"],
        "length": 4096,
    },
    "ruler_qa": {
        "context": f"They met at the pier. {TEXT}",
        "question": "Where?",
        "answer_prefix": "Answer:",
        "answer": "['the pier', 'pier', 'pier']",
        "task": "qa_1",
    },
    "babilong": {"input": f"Mary went to the kitchen. {TEXT}", "question": "Where is Mary?", "target": "kitchen"},
    "infinitebench:passkey": {
        "id": 1,
        "context": TEXT,
        "input": "What is the pass key?",
        "answer": ["71432"],
        "options": [],
    },
    "infinitebench:kv_retrieval": {
        "id": 1,
        "context": TEXT,
        "input": "Key?",
        "answer": ["0f0e0d0c-0b0a-4908-8706-050403020100"],
        "options": [],
    },
    "infinitebench:code_run": {"id": 1, "context": TEXT, "input": "func_1(2)?", "answer": [-7], "options": []},
    "infinitebench:longbook_choice_eng": {
        "id": 1,
        "context": TEXT,
        "input": "Who?",
        "answer": ["Bob"],
        "options": ["Ann", "Bob", "Cy", "Di"],
    },
    "infinitebench:math_calc": {"id": 1, "context": TEXT, "input": "1+2-4", "answer": [1, 3, -1], "options": []},
    "infinitebench:longbook_qa_eng": {
        "id": 1,
        "context": TEXT,
        "input": "What was not spoken of?",
        "answer": ["the harbour"],
        "options": [],
    },
    "infinitebench:longdialogue_qa_eng": {
        "id": 1,
        "context": TEXT,
        "input": "Who is $$MASK$$?",
        "answer": ["ANNA"],
        "options": [],
    },
    "infinitebench:math_find": {"id": 1, "context": TEXT, "input": "Largest?", "answer": [94], "options": []},
    "mrcr": {
        "prompt": json.dumps(TURNS),
        "answer": f"xQ7{POEM}",
        "random_string_to_prepend": "xQ7",
        "n_needles": 2,
        "desired_msg_index": 1,
        "total_messages": 5,
        "n_chars": 700,
    },
    "graphwalks": {**NODES, "answer_nodes": ["bb", "cc"]},
    "repoqa": {
        "code": f"{FUNCTION}\n\ndef sub(a, b):\n    return a - b",
        "description": "adds two numbers",
        "function": FUNCTION,
        "candidates": [FUNCTION, "def sub(a, b):\n    return a - b"],
    },
    "ifeval": IFEVAL,
    "jsonschemabench": {"json_schema": json.dumps(SCHEMA), "unique_id": "g1"},
}


def asked(tmp_path: Path, preset: str, row: dict[str, Any], **keys: Any) -> tuple[Any, Sample]:
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    task = make_task("workload", {"preset": preset, "data": "rows.jsonl", **keys}, folders=[tmp_path])
    counter = reference_counter()
    layout = task.layout([16384], counter, 0)
    cell = Cell(length=16384, contexts=range(len(layout.cells[16384])), questions=1, counter=counter)
    (sample,) = task.samples(cell, 0)
    task.prompt(sample)
    return task, sample


def scored(tmp_path: Path, preset: str, text: str, **changes: Any) -> Score:
    task, sample = asked(tmp_path, preset, {**ROWS[preset], **changes})
    found: Score = task.score(sample, Reply(text=text, finish_reason="stop"))
    return found


def official(score: Score) -> float:
    return next(value for name, value in score.metrics.items() if "." in name)


LETTERS = [
    ("The correct answer is (B)", 1.0, None),
    ("**The correct answer is B**", 1.0, None),
    ("B", 0.0, None),  # right, and the published pattern does not see it
    ("The correct answer is (C)", 0.0, "wrong_value.other_choice"),
]


@pytest.mark.parametrize(("text", "published", "mode"), LETTERS)
def test_longbench_v2(tmp_path: Path, text: str, published: float, mode: str | None) -> None:
    found = scored(tmp_path, "longbench_v2", text)
    assert (found.metrics["longbench_v2.accuracy@1"], found.mode) == (published, mode)


def test_longbench_v2_leaves_empty_replies_out_and_we_do_not(tmp_path: Path) -> None:
    found = scored(tmp_path, "longbench_v2", "")
    assert ("longbench_v2.accuracy@1" in found.metrics, found.value, found.mode) == (False, 0.0, "empty")


RULER = [
    ("They are 4410077 and 9900112.", 1.0, None),
    ("4410077", 0.5, "missing_items"),
    ("4410077, 9900112, 1234567", 1.0, "extra_items"),
    ("14410077 and 9900112", 1.0, "missing_items"),  # part of a longer number
    ("I cannot say.", 0.0, "fmt.none_found"),
    ("1. 4410077\n2. 9900112", 1.0, None),
    ("The 2 numbers of ann are 4410077 and 9900112.", 1.0, None),
]


@pytest.mark.parametrize(("text", "published", "mode"), RULER)
def test_ruler(tmp_path: Path, text: str, published: float, mode: str | None) -> None:
    found = scored(tmp_path, "ruler", text)
    assert (found.metrics["ruler.string_match_all@1"], found.mode) == (published, mode)


def test_a_copy_of_rulers_prompt_scores_there_and_not_here(tmp_path: Path) -> None:
    row = {"outputs": ["4410077"]}
    found = scored(tmp_path, "ruler", ROWS["ruler"]["input"], **row)
    assert (found.metrics["ruler.string_match_all@1"], found.value) == (1.0, 0.0)


def test_rulers_aliases(tmp_path: Path) -> None:
    found = scored(tmp_path, "ruler_qa", "Pier")
    assert found.correct
    assert found.metrics["ruler.string_match_part@1"] == 1.0
    assert found.metrics["ruler.string_match_part_lm_eval@1"] == pytest.approx(2 / 3)


BABILONG = [
    ("Mary is in the kitchen.", 1.0, None),
    ("Kitchen", 1.0, None),
    ("I looked. The kitchen", 0.0, None),  # only the first sentence counts there
    ("kitchen or garden", 0.0, "hedged_multi"),
    ("the garden", 0.0, "wrong_value.other_label"),
]


@pytest.mark.parametrize(("text", "published", "mode"), BABILONG)
def test_babilong(tmp_path: Path, text: str, published: float, mode: str | None) -> None:
    found = scored(tmp_path, "babilong", text)
    assert (found.metrics["babilong.label_set@1"], found.mode) == (published, mode)


def test_babilong_finds_no_in_none(tmp_path: Path) -> None:
    row = {"question": "Is Mary there?", "target": "yes"}
    found = scored(tmp_path, "babilong", "Yes and that is known", **row)
    assert (found.metrics["babilong.label_set@1"], found.correct) == (0.0, True)


INFINITE = [
    ("passkey", "The key is 71432, not 51432.", 1.0, "extra_items"),
    ("passkey", "71432, and that is 1 number", 1.0, None),
    ("passkey", "51432, or 71432", 0.0, "extra_items"),
    ("kv_retrieval", 'It is "0f0e0d0c-0b0a-4908-8706-050403020100".', 1.0, None),
    ("code_run", "The result is -7.", 1.0, None),
    ("code_run", "-7 is the result", 0.0, None),
    ("longbook_choice_eng", "The answer is: B", 1.0, None),
    ("longbook_choice_eng", "ANSWER: B", 0.0, None),
    ("longbook_choice_eng", "A look at it says B", 0.0, None),
    ("math_calc", "1, 3, -1", 2 / 3, None),  # the minus is lost there
    ("math_calc", "1, 4, -1", 1 / 3, "wrong_items"),
    ("longbook_qa_eng", "Harbour", 1.0, None),
    ("longdialogue_qa_eng", "Anna.", 1.0, None),
    ("math_find", "94", 1.0, None),
    ("math_find", "It is 94, of 60000", 1.0, "hedged_multi"),
]


@pytest.mark.parametrize(("task", "text", "published", "mode"), INFINITE)
def test_infinitebench(tmp_path: Path, task: str, text: str, published: float, mode: str | None) -> None:
    found = scored(tmp_path, f"infinitebench:{task}", text)
    assert found.metrics[f"infinitebench.{task}@1"] == pytest.approx(published)
    assert (found.mode is None) == (mode is None), found


def test_mrcr_says_which_text_was_given_back(tmp_path: Path) -> None:
    assert scored(tmp_path, "mrcr", f"xQ7{POEM}").correct
    other = scored(tmp_path, "mrcr", f"xQ7{OTHER}")
    assert (other.mode, other.value) == ("distractor.other_text", 0.0)
    assert 0 < other.metrics["mrcr.sequence_matcher_ratio@1"] < 0.9, "there a mistaken text earns points"
    bare = scored(tmp_path, "mrcr", POEM)
    assert (bare.mode, bare.metrics["mrcr.sequence_matcher_ratio@1"]) == ("fmt.no_prefix", 0.0)
    near = scored(tmp_path, "mrcr", f"xQ7{POEM}".replace("night", "noon"))
    assert near.correct
    assert 0.9 < near.value < 1


GRAPH = [
    (["bb", "cc"], "…\nFinal Answer: [bb, cc]", 1.0, None),
    (["bb", "cc"], "Final Answer: [bb, cc]\nI hope this helps", 0.0, None),
    (["bb", "cc"], "Final Answer: [bb, dd]", 0.5, "wrong_items"),
    ([], "Final Answer: []", 0.0, None),  # right, and it earns nothing there
    ([], "Final Answer: [bb]", 0.0, "extra_items"),
    (["bb", "cc"], "bb, cc", 0.0, "fmt.none_found"),
    (["bb", "cc"], "**Final Answer: [bb, cc]**", 1.0, None),
]


@pytest.mark.parametrize("column", ["answer_nodes", "answer"])
@pytest.mark.parametrize(("nodes", "text", "published", "mode"), GRAPH)
def test_graphwalks(
    tmp_path: Path, column: str, nodes: list[str], text: str, published: float, mode: str | None
) -> None:
    task, sample = asked(tmp_path, "graphwalks", {**NODES, column: nodes})
    found = task.score(sample, Reply(text=text, finish_reason="stop"))
    assert found.metrics["graphwalks.f1@1"] == published
    assert (found.mode is None) == (mode is None), found


def test_repoqa(tmp_path: Path) -> None:
    found = scored(tmp_path, "repoqa", f"```python\n{FUNCTION}\n```")
    assert (found.correct, found.metrics["repoqa.bleu_argmax@1"]) == (True, 1.0)
    uncommented = FUNCTION.replace("    # adds\n", "")
    bare = scored(tmp_path, "repoqa", f"```python\n{uncommented}\n```")
    assert (bare.correct, bare.metrics["repoqa.bleu_argmax@1"]) == (True, 0.0), "there a copy without comments loses"
    other = scored(tmp_path, "repoqa", "```python\ndef sub(a, b):\n    return a - b\n```")
    assert (other.mode, other.metrics["repoqa.bleu_argmax@1"]) == ("distractor.other_text", 0.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), st.lists(st.sampled_from("abcde"), max_size=12))
def test_bleu_is_nltks(reference: list[str], given_words: list[str]) -> None:
    nltk = pytest.importorskip("nltk.translate.bleu_score", reason="nltk comes with lm_eval's extra for IFEval")
    theirs = nltk.sentence_bleu([reference], given_words, smoothing_function=nltk.SmoothingFunction().method4)
    assert bleu(reference, given_words) == pytest.approx(theirs, abs=1e-9)


def test_ifeval(tmp_path: Path) -> None:
    found = scored(tmp_path, "ifeval", "this has five words here")
    assert found.correct
    found = scored(tmp_path, "ifeval", "well, no")
    assert found.mode == "instruction.punctuation.no_comma"
    assert "instruction.length_constraints.number_words" in found.flags
    assert [found.metrics[f"ifeval.{kind}@1"] for kind in ("prompt_strict", "inst_strict", "prompt_loose")] == [0, 0, 0]
    found = scored(tmp_path, "ifeval", "Sure, here it is:\nthis has five words here")
    assert (found.metrics["ifeval.prompt_strict@1"], found.metrics["ifeval.prompt_loose@1"], found.correct) == (
        0.0,
        1.0,
        False,
    )
    zero = {
        "instruction_id_list": ["keywords:letter_frequency"],
        "kwargs": [{"letter": "z", "let_frequency": 0, "let_relation": "at least"}],
    }
    assert scored(tmp_path, "ifeval", "no such letter", **zero).correct, "0 is an argument, not a missing one"


ARGUMENTS: dict[str, dict[str, Any]] = {
    "keywords:existence": {"keywords": ["tea", "two"]},
    "keywords:forbidden_words": {"forbidden_words": ["tea"]},
    "keywords:frequency": {"keyword": "tea", "frequency": 2, "relation": "at least"},
    "keywords:letter_frequency": {"letter": "e", "let_frequency": 3, "let_relation": "less than"},
    "length_constraints:number_words": {"num_words": 5, "relation": "less than"},
    "length_constraints:number_paragraphs": {"num_paragraphs": 2},
    "length_constraints:nth_paragraph_first_word": {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "tea"},
    "detectable_content:number_placeholders": {"num_placeholders": 1},
    "detectable_content:postscript": {"postscript_marker": "P.S."},
    "detectable_format:number_bullet_lists": {"num_bullets": 2},
    "detectable_format:constrained_response": {},
    "detectable_format:number_highlighted_sections": {"num_highlights": 2},
    "detectable_format:multiple_sections": {"section_spliter": "Section", "num_sections": 2},
    "detectable_format:json_format": {},
    "detectable_format:title": {},
    "combination:two_responses": {},
    "combination:repeat_prompt": {"prompt_to_repeat": "Tea?"},
    "startend:end_checker": {"end_phrase": "the end."},
    "startend:quotation": {},
    "punctuation:no_comma": {},
}
PIECES = st.sampled_from(
    [
        "tea",
        "Tea,",
        "two",
        "\n",
        "\n\n",
        "***",
        "******",
        "* tea",
        "- two",
        "*tea*",
        "**two**",
        "[x]",
        "P.S. tea",
        "<<tea>>",
        '"',
        "{}",
        "```json",
        "```",
        "Section 1",
        "Section 2",
        "My answer is no.",
        "Tea?",
        "the end.",
        "zeal",
        " ",
        "'",
    ]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=9), st.sampled_from(["", " "]))
def test_verifiers_agree_with_lm_evals(pieces: list[str], between: str) -> None:
    registry = pytest.importorskip("lm_eval.tasks.ifeval.instructions_registry", reason="needs lm_eval[ifeval]")
    text = between.join(pieces)
    assert set(ARGUMENTS) == set(VERIFIERS)
    for name, arguments in ARGUMENTS.items():
        theirs = registry.INSTRUCTION_DICT[name](name)
        theirs.build_description(**arguments)
        expected = bool(text.strip() and theirs.check_following(text))
        mine = bool(text.strip() and VERIFIERS[name].holds(text, arguments))
        assert mine == expected, (name, text)


@settings(max_examples=50, deadline=None)
@given(st.lists(PIECES, max_size=9))
def test_loose_is_never_below_strict(pieces: list[str]) -> None:
    scorer = make_scorer("instructions", ())
    for name, arguments in ARGUMENTS.items():
        ask = Asked(
            gold=(name,), answer=[name], row={"kwargs": [arguments]}, known=frozenset(), prompt=("", ""), context=str
        )
        found = scorer.read("".join(pieces), ask).metrics
        assert found["ifeval.prompt_loose@1"] >= found["ifeval.prompt_strict@1"]


def test_jsonschemabench(tmp_path: Path) -> None:
    found = scored(tmp_path, "jsonschemabench", '{"a": 1, "b": "x"}')
    assert (found.correct, found.metrics["jsonschemabench.compliance@1"], found.metrics["substance@1"]) == (
        True,
        1.0,
        1.0,
    )
    empty = scored(tmp_path, "jsonschemabench", "{}")
    assert (empty.correct, "trivial" in empty.flags, empty.metrics["substance@1"]) == (True, True, 0.0)
    wrong = scored(tmp_path, "jsonschemabench", '{"a": "x"}')
    assert (wrong.mode, wrong.metrics["jsonschemabench.compliance@1"]) == ("schema_violation.type", 0.0)
    eaten = scored(tmp_path, "jsonschemabench", '"nosj"', json_schema='{"type": "string"}')
    assert eaten.metrics["jsonschemabench.json_validity@1"] == 1.0, "only letters at the very edge are eaten"
    fenced = scored(tmp_path, "jsonschemabench", '```json\n{"a": 1}\n```')
    assert (fenced.correct, fenced.metrics["jsonschemabench.json_validity@1"]) == (True, 1.0)
    prose = scored(tmp_path, "jsonschemabench", 'Here: {"a": 1}')
    assert prose.metrics["jsonschemabench.json_validity@1"] == 0.0


def test_a_pattern_that_may_take_for_ever_is_skipped_and_said(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    found = scored(tmp_path, "jsonschemabench", json.dumps({"a": "a" * 40 + "!"}), json_schema=json.dumps(schema))
    assert "pattern_skipped" in found.flags


@pytest.mark.parametrize("name", ROWS)
def test_ignorance_earns_no_more_than_the_floor(tmp_path: Path, name: str) -> None:
    task, sample = asked(tmp_path, name, ROWS[name])
    prompt = "\n".join(message.content for message in task.prompt(sample))
    for text in ("", " \n", REFUSAL, prompt, prompt[-200:]):
        found = task.score(sample, Reply(text=text, finish_reason="stop"))
        assert not found.correct or name in ("ifeval", "jsonschemabench"), (text[:80], found)
        assert found.value == 0 or name in ("ifeval", "jsonschemabench", "infinitebench:longbook_qa_eng"), (
            text[:80],
            found,
        )
        assert set(PRESETS[name].official) <= {
            *found.metrics,
            "longbench_v2.accuracy@1",
            *(PRESETS[name].official if not text.strip() else ()),
        }


@pytest.mark.parametrize(
    ("preset", "row", "told"),
    [
        ("graphwalks", {"prompt": "x"}, "none of the columns answer_nodes, answer"),
        ("ruler", {"input": "x"}, "none of the columns outputs, answers, answer"),
        ("mrcr", {"prompt": "no json", "answer": "a"}, "Expecting value"),
        (
            "infinitebench:code_debug",
            {"id": 1, "context": "c", "input": "i", "answer": ["f"], "options": ["g", "h"]},
            "no answer is among its options",
        ),
        ("ruller", {"input": "x"}, "did you mean 'ruler'"),
        ("repoqa", {"code": "x", "function": "f"}, "none of the columns candidates"),
    ],
)
def test_rows_of_another_layout_are_refused(tmp_path: Path, preset: str, row: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as found:
        asked(tmp_path, preset, row)
    assert told in str(found.value)


def test_a_sweep_of_all_presets_from_files_to_a_report(tmp_path: Path) -> None:
    tables = []
    for number, (name, row) in enumerate(ROWS.items()):
        (tmp_path / f"{number}.jsonl").write_text(json.dumps(row) + "\n")
        tables.append(
            f'[[task]]\nname = "workload"\nlabel = "{name.replace(":", ".")}"\npreset = "{name}"\ndata = "{number}.jsonl"\n'
        )
    head = (
        '[sweep]\nname = "presets"\nlengths = ["16k"]\n[[model]]\nname = "echo"\nrole = "baseline"\nadapter = "echo"\n'
    )
    (tmp_path / "sweep.toml").write_text(head + "\n".join(tables))
    for command in ("validate", "plan", "run"):
        done = harness(command, "sweep.toml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert harness("report", "presets", "-o", "r.html", cwd=tmp_path).returncode == 0
    assert harness("show", "presets/echo", "mrcr/16k/r00001", cwd=tmp_path).returncode == 0


def test_the_page_names_every_preset_its_metrics_and_its_flaws() -> None:
    page = (Path(__file__).parents[1] / "docs/presets.md").read_text()
    for preset in PRESETS.values():
        assert f"`{preset.name}`" in page
        for metric in preset.official:
            assert f"`{metric}`" in page, metric
        for flaw in preset.flaws:
            assert flaw in re.sub(r"\s+", " ", page), flaw
