"""Each misreading, on a program small enough to misread by hand; and what the interpreter refuses."""

import pytest

from tasks.code.foreseen import read_call
from tasks.code.interpreter import EvaluationError, Machine
from tasks.code.misreadings import MODES, OPERATOR, SWITCHES, WRONG_HOP, Misreading
from tasks.code.program import File, Program

LEAF = {"b/leaf.py": "def leaf(x):\n    return x + 5"}
REDEFINED = "def top(x):\n    return x + 1\n\ndef top(x):\n    return x + 2"
SHADOW = "rate = 3\n\ndef top(x):\n    rate = 4\n    return x + rate"
OVERRIDE = (
    "class Low:\n    def go(self, x):\n        return x + 20\n\nclass High(Low):\n    def go(self, x):\n"
    "        return super().go(x) + 300\n\ndef top(x):\n    return High().go(x)"
)
DECORATOR = (
    "def more(inner):\n    def wrapped(x):\n        return inner(x) + 40\n    return wrapped\n\n"
    "@more\ndef top(x):\n    return x + 1"
)
DEFAULT = "step = 6\n\ndef top(x, extra=step):\n    return x + extra\n\nstep = 9"
LOOP = "def top(x):\n    total = x\n    for turn in range(3):\n        total += 7\n    return total"
TABLE = (
    "def one(x):\n    return x + 1\n\ndef two(x):\n    return x + 2\n\ndef four(x):\n    return x + 4\n\n"
    'table = {"amber": one, "cedar": two, "maple": four}\n\ndef top(x):\n    return table["cedar"](x)'
)
INSTANCE = (
    "class Box:\n    rate = 8\n\n    def go(self, x):\n        return x + self.rate\n\n"
    "box = Box()\nbox.rate = 9\n\ndef top(x):\n    return box.go(x)"
)
CLOSURE = "def make(n):\n    def inner(x):\n        return x + n\n    return inner\n\ntop = make(11)\nother = make(13)"
FROM_LEAF = "from b.leaf import leaf\n\ndef top(x):\n    return leaf(x) - 2"
CASES = [
    ({"a/m.py": REDEFINED}, 102, Misreading("stale_definition"), 101),
    ({"a/m.py": "def top(x):\n    return x + 2", "legacy/m.py": "def top(x):\n    return x + 3"}, 102, Misreading("stale_definition", 1), 103),
    ({"a/m.py": SHADOW}, 104, Misreading("shadow_ignored"), 103),
    ({"a/m.py": "from b.leaf import leaf as twig\n\ndef top(x):\n    return twig(x)", "b/leaf.py": LEAF["b/leaf.py"] + "\n\ndef twig(x):\n    return x + 6"}, 105, Misreading("alias_confusion"), 106),
    ({"a/m.py": "import b.leaf as twig\n\ndef top(x):\n    return twig.leaf(x)", **LEAF, "b/twig.py": "def leaf(x):\n    return x + 7"}, 105, Misreading("alias_confusion"), 107),
    ({"a/m.py": OVERRIDE}, 420, Misreading("override_ignored"), 120),
    ({"a/m.py": OVERRIDE}, 420, Misreading("super_ignored"), 400),
    ({"a/m.py": DECORATOR}, 141, Misreading("decorator_ignored"), 101),
    ({"a/m.py": DEFAULT}, 106, Misreading("default_arg"), 109),
    ({"a/m.py": LOOP}, 121, Misreading("off_by_one"), 114),
    ({"a/m.py": LOOP}, 121, Misreading("off_by_one", 1), 128),
    ({"a/m.py": TABLE}, 102, Misreading("dispatch_wrong_key"), 104),
    ({"a/m.py": TABLE}, 102, Misreading("dispatch_wrong_key", 1), 101),
    ({"a/m.py": "from b.k import RATE\n\ndef top(x):\n    return x + RATE", "b/k.py": "RATE = 1", "b/l.py": "RATE = 2"}, 101, Misreading("decoy_constant"), 102),
    ({"a/m.py": FROM_LEAF, **LEAF, "b/other.py": "def leaf(x):\n    return x + 8"}, 103, Misreading("wrong_qualifier"), 106),
    ({"a/m.py": "from b import leaf\n\ndef top(x):\n    return leaf(x)", "b/__init__.py": "from b.leaf import leaf", **LEAF, "b/other.py": "def leaf(x):\n    return x + 8"}, 105, Misreading("wrong_qualifier"), 108),
    ({"a/m.py": INSTANCE}, 109, Misreading("instance_attr_ignored"), 108),
    ({"a/m.py": CLOSURE}, 111, Misreading("closure_ignored"), 113),
    ({"a/m.py": FROM_LEAF, **LEAF}, 103, Misreading(WRONG_HOP, place=0), 98),
]  # fmt: skip


@pytest.mark.parametrize(("files", "right", "misreading", "wrong"), CASES)
def test_each_misreading_goes_wrong_in_its_own_way(files, right, misreading, wrong):
    program = Program(files)
    assert Machine(program).run("a.m.top", 100).value == right
    assert Machine(program, misreading).run("a.m.top", 100).value == wrong


def test_every_switch_is_tried_above():
    assert {case[2].name for case in CASES} == {*SWITCHES, WRONG_HOP}
    assert {(case[2].name, case[2].variant) for case in CASES} >= {
        (n, v) for n, most in SWITCHES.items() for v in range(most)
    }


def test_an_operator_is_flipped_where_it_stands():
    program = Program({"a/m.py": FROM_LEAF, **LEAF})
    sites = Machine(program).run("a.m.top", 100).operators
    assert sites == [("b.leaf", 2, 11), ("a.m", 4, 11)]
    assert [Machine(program, Misreading(OPERATOR), site).run("a.m.top", 100).value for site in sites] == [93, 107]


def test_a_call_is_read_in_every_way():
    reading = read_call(Program({"a/m.py": FROM_LEAF, **LEAF}), "a.m.top", 100)
    assert (reading.right.value, reading.right.calls, reading.right.hops) == (103, ["a.m.top", "b.leaf.leaf"], [105])
    assert {(each.mode, each.trace.value) for each in reading.wrong} == {
        ("code.wrong_hop", 98),
        ("code.early_stop", 105),
        (MODES[OPERATOR], 93),
        (MODES[OPERATOR], 107),
    }


@pytest.mark.parametrize(
    "text",
    [
        "def top(x):\n    return top(x)",
        "def top(x):\n    for turn in range(999999999):\n        x += 1\n    return x",
        "def top(x):\n    return x * 2",
        "def top(x):\n    while x:\n        x -= 1\n    return x",
        "def top(x):\n    import os\n    return os.getpid()",
        "def top(x):\n    return open(x)",
        "def top(x):\n    return __import__(x)",
        "def top(x):\n    return x.__class__",
        "def top(x):\n    return lambda: x",
        "def top():\n    return 1",
        "def top(x, y):\n    return 1",
        "def top(x):\n    total = x",
        "def top(x):\n    return nothing",
        "def top(x):\n    return range(x)",
        "top = 3",
    ],
)
def test_what_no_program_of_the_family_does_is_refused(text):
    with pytest.raises(EvaluationError):
        Machine(Program({"a/m.py": text})).run("a.m.top", 100)


def test_a_file_knows_its_module():
    assert [File(path, "").module for path in ("a/b.py", "a/__init__.py", "legacy/c.py")] == ["a.b", "a", "legacy.c"]
