"""Prose by a seeded grammar: documents in four registers, each with a local cast of people and places.

A frame is a sentence with slots; a slot is filled from the document's cast or from the vocabulary. Slots: P and Q people,
L and M places, N a noun with its adjective ("the narrow ledger"), J the same with "a", R a noun phrase that may hold a
second one, S a group of people, V a verb in the past, Y an adverb, C a number below 10,000, D a date, W weather, T a
time of day. Numbers never have seven digits, and no date is written with digits alone, so that the filler cannot state
by accident what a planted sentence states.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from harness.contexts.names import given_name, place_name, surname
from harness.contexts.streams import Stream
from harness.contexts.words import ADJECTIVES, ADVERBS, MONTHS, NOUNS, ORDINALS, PLURALS, VERBS, WEATHER

CHRONICLE = """
P V R on D.
By D, S of L had V R Y.
In the year after W, P V N and Q V J at M.
S came down to L with C crates and V R.
Nobody in L knew who had V N before P.
When W reached M, P V R Y.
P, who had V N at L, later V J for Q.
Of the C houses in L, only one kept J.
It was said at M that Q V R for S.
After W the road from L to M ran past N and R.
S V N, and P Y V what was left of R.
P and Q V R between L and M on D.
Before D nobody had V N so Y.
The autumn brought W, and S of M V R.
At L stood N, which P had V for S.
C years later P still spoke of N and of how Q V it.
On D a fire near N spared R.
Q was the last at M to have V J Y.
The bells of L rang at T because S had V R.
P learned from S that N had been V at M.
With C men and J, Q V R before D.
Winter began with W and ended when P V R.
Few at L believed that Q had Y V N.
S walked C miles from M to see R.
P gave N to Q, who V it Y near R.
Where N had stood, S now V R.
Until D, L and M shared J and R.
The tale of P and N was told Y at M.
A cousin of Q V R by W and lamplight.
For C days S waited at L while P V N.
J was all that P brought back from M on D.
Since W had spoiled N, Q V R instead.
""".strip().split("\n")

MINUTES = """
P moved that N be V before D.
Q asked whether S had V R Y.
The committee for L noted that R had been V at T.
It was agreed, C votes to one, that P should see R.
A letter from S about N was read Y.
P reported W at M and the loss of J.
The chair thanked Q, who had V R on D.
Under any other business, S of L raised R.
No objection was made to N, and P V it Y.
The treasurer had V C receipts for R.
Q seconded P, and R was Y V.
P recorded that S would give up R.
A vote on N was put off until D because of W.
P wished it noted that Q had V J at M.
P will write to S about R and N.
The sum for N was raised, and Q V R from it.
Members from L V N while those from M V R.
P presented J, which had been V by S.
The question of R was left with Q until D.
W had kept S from M, so N was not V.
The committee V R Y and went on to N.
A plan of N by Q was shown to S at T.
Costs for R rose by C after W.
It was resolved to ask P for J before D.
Q spoke Y against R and for N.
The minutes of D were V after P corrected N.
Two members of L had V R without asking S.
The meeting heard how Q V N at M.
On the matter of N, S and P agreed Y.
The clerk V C pages on R.
""".strip().split("\n")

LETTERS = """
Dear Q, I have Y V N that you left at L.
You will laugh to hear that P V R on D.
I write at T, with W outside and N before me.
Tell S at M that I V R Y.
My aunt has V J, and she asks after Q and R.
Since your last letter P and I have V N near L.
Do you remember N that Q once V at M?
I cannot find R, though S have V it before.
Please send C nails and J before D.
We had W all week, and P Y V R.
Your brother met Q by N and spoke of R.
If you come through L, look for J by N.
P tells me that S of M have V R.
I slept badly because of W and dreamt of N.
The children V J and gave it to Q.
There is talk in L of R and of what P V.
I walked past N to R with Q on D.
What you wrote about R made S laugh Y.
You were right about P, who V N after all.
I enclose a drawing of N, which Q Y V.
It will take C days to reach M with R.
At T we heard S, and then P V N.
My room in L looks out on N and R.
I owe Q for R and you for J.
Give my love to P and to all S at M.
They have V N beside R, and nobody knows why.
On D I shall meet S by N, W or not.
Of all that Q V at L, I liked R best.
I have counted C steps from N to R.
Write to me Y about R and about P.
""".strip().split("\n")

INSPECTION = """
N at L was found Y V on D.
The inspector, P, V R together with Q.
C boards of N are loose and should be replaced.
S reported that R had been V after W.
There is J behind N which is not on the plan.
No fault was seen in R, which Q had V.
The drain beside N was blocked by W and has been V.
P recommends that N be moved away from R.
At M the door to N sticks, and S enter by R.
A gauge on R showed C before and less after W.
The keys of N are kept by Q at L.
Paint on R is flaking, and N has been Y V.
S should leave N alone at T, P advises.
The roof over R lets in rain near N.
Q could not say when N had last been V.
A crack runs from N to R and ends C paces from M.
Work on R was begun by P and finished by S.
The beam above N was V on D and holds.
J was found in R and given to Q.
Access to N is by R, and then by M.
Damp from W has reached N but not R.
S were warned Y about R at T.
P measured N and V R for the file.
The store at L holds C hooks and J.
On D the lamp in N failed while Q V R.
N is sound, though R should be V again.
Samples from N were V by Q and sent to M.
The floor of R slopes towards N by a hand.
All ropes near N were Y V by S.
P signed for N, and R awaits D.
""".strip().split("\n")

REGISTERS = {
    "chronicle": ("Chronicle of {place}", CHRONICLE),
    "minutes": ("Minutes of the {place} committee", MINUTES),
    "letters": ("Letters from {place}", LETTERS),
    "inspection": ("Inspection of {place}", INSPECTION),
}

TIMES = [f"{part} {hour}" for part in ("half past", "a quarter past", "a quarter to", "ten past", "twenty to")
         for hour in "one two three four five six seven eight nine ten eleven".split()]  # fmt: skip
LINKS = ("beside", "behind", "near", "below", "above", "opposite", "from", "for")


@cache
def _phrases() -> tuple[list[str], list[str]]:
    """Every adjective with every noun, with "the" and with "a"; made at first use (a few milliseconds)."""
    pairs = [f"{adjective} {noun}" for adjective in ADJECTIVES for noun in NOUNS]
    articled = [("an " if pair[0] in "aeiou" else "a ") + pair for pair in pairs]
    return [f"the {pair}" for pair in pairs], articled


@cache
def _frames(register: str) -> list[tuple[str, str]]:
    """Split each frame into its `%`-template and the letters of its slots."""
    slot = re.compile(r"\b([PQLMNJRSVYCDWT])\b")
    return [(slot.sub("%s", text), "".join(slot.findall(text))) for text in REGISTERS[register][1]]


class Document:
    """One document: a register, a cast, and the sentences it draws."""

    def __init__(self, stream: Stream, number: int) -> None:
        self._bits = stream.bits
        self.register = stream.choice(list(REGISTERS))
        people = [f"{given_name(stream)} {surname(stream)}" for _ in range(stream.between(4, 8))]
        places = [place_name(stream) for _ in range(stream.between(2, 4))]
        self.heading = f"{REGISTERS[self.register][0].format(place=places[0])}, folio {number}"
        self.paragraphs = stream.between(4, 9)
        definite, indefinite = _phrases()
        groups = [f"the {name}" for name in PLURALS]
        pools = {"P": people, "Q": people, "L": places, "M": places, "N": definite, "J": indefinite}
        pools |= {"S": groups, "V": VERBS, "Y": ADVERBS, "W": WEATHER, "T": TIMES}
        self._fill: dict[str, Callable[[], str]] = {letter: self._drawer(pool) for letter, pool in pools.items()}
        self._fill |= {"C": self._number, "D": self._date, "R": self._nested}
        self._frames = _frames(self.register)

    def sentence(self) -> str:
        """Draw one sentence. The first letter is a capital; no slot repeats the person or place beside it."""
        template, letters = self._frames[self._bits(32) % len(self._frames)]
        values = [self._fill[letter]() for letter in letters]
        self._part(values, letters, "P", "Q")
        self._part(values, letters, "L", "M")
        text = template % tuple(values)
        return text[0].upper() + text[1:]

    def _part(self, values: list[str], letters: str, one: str, other: str) -> None:
        """Draw again while two people, or two places, of a sentence are the same."""
        if one in letters and other in letters:
            i, j = letters.index(one), letters.index(other)
            while values[i] == values[j]:
                values[j] = self._fill[other]()

    def _drawer(self, pool: list[str]) -> Callable[[], str]:
        bits, size = self._bits, len(pool)
        return lambda: pool[bits(32) % size]

    def _number(self) -> str:
        return str(3 + self._bits(32) % 9990)

    def _date(self) -> str:
        bits = self._bits
        return f"the {ORDINALS[bits(32) % 28]} of {MONTHS[bits(32) % 12]} {1700 + bits(32) % 250}"

    def _nested(self) -> str:
        """A noun phrase, one time in three with a second one inside it."""
        noun = self._fill["N"]
        draw = self._bits(32)
        return f"{noun()} {LINKS[draw // 3 % len(LINKS)]} {noun()}" if draw % 3 == 0 else noun()


def prose_documents(stream: Stream, number: int) -> list[list[str]]:
    """Return document `number` as a heading and paragraphs of sentences, the heading being the first paragraph."""
    document = Document(stream, number)
    return [
        [document.heading],
        *[[document.sentence() for _ in range(stream.between(4, 8))] for _ in range(document.paragraphs)],
    ]


def short_sentence(stream: Stream) -> str:
    """Return a sentence of about nine tokens, to fill what is left of a budget."""
    return f"{given_name(stream)} {stream.choice(VERBS)} the {stream.choice(NOUNS)}."
