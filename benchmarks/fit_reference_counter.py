"""Fits the weights of the reference counter to real tokenizers and prints its error by kind of text.

Needs tokenizer files that are no part of this project: the wheel `litellm` carries those of cl100k_base and o200k_base
and a `tokenizer.json` each of DeepSeek and (measured only) Claude 2. In an environment of its own:

    pip install tiktoken tokenizers numpy scipy pydantic && pip install --no-deps litellm
    python benchmarks/fit_reference_counter.py

Any `tokenizer.json` named behind it is measured too, without a part in the fit. Texts are made here or come with
Python, so that anybody with the same Python fits the same weights; the last two kinds of text have no part in the fit.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from pydoc_data.topics import topics
from uuid import UUID

import numpy as np
import tiktoken
from scipy.optimize import nnls
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.contexts.haystack import build_haystack
from harness.contexts.streams import Stream
from harness.contexts.tokens import ASCII_CLASSES, SCRIPTS, ReferenceCounter, class_counts

FOLDER = Path(importlib.util.find_spec("litellm").submodule_search_locations[0]) / "litellm_core_utils/tokenizers"
os.environ["TIKTOKEN_CACHE_DIR"] = str(FOLDER)

Count = Callable[[str], int]
WEIGHTS = {"prose": 3.0, "records": 2.0, "manual": 2.0}
"""What a kind of text weighs in the fit, however many texts it has; the others weigh 1."""

LINES = {
    "cyrillic": "Старый смотритель маяка записал в журнал, что шторм пришёл с востока и к утру стих. "
    "Рыбаки вернулись в гавань и починили сети, а дети собирали на берегу ракушки и гладкие камни.",
    "greek": "Ο παλιός φαροφύλακας έγραψε στο βιβλίο ότι η καταιγίδα ήρθε από την ανατολή και κόπασε το πρωί.",
    "arabic": "كتب حارس المنارة القديم في السجل أن العاصفة جاءت من الشرق وهدأت عند الصباح، "
    "ثم عاد الصيادون إلى الميناء.",
    "devanagari": "पुराने प्रकाशस्तंभ के रखवाले ने पुस्तक में लिखा कि तूफ़ान पूर्व से आया और सुबह तक शांत हो गया।",
    "cjk": "老灯塔看守人在日志里写道，风暴从东边来，到早晨就平息了。渔民们回到港口修补渔网，孩子们在岸边捡贝壳。",
    "kana": "ふるいとうだいのばんにんは、あらしがひがしからきて、あさにはおさまったとにっしにかいた。",
    "hangul": "늙은 등대지기는 폭풍이 동쪽에서 와서 아침에 잦아들었다고 일지에 적었다. "
    "어부들은 항구로 돌아와 그물을 고쳤다.",
    "latin": "Der alte Leuchtturmwärter schrieb über die stürmische Nacht; früh kehrten die Fischer müde zurück. "
    "Le vieux gardien écrivit que la tempête était venue de l'est et s'était apaisée près du rivage à l'aube.",
}


class Quarters:
    """Four characters a token: cuts the texts, so that their size does not depend on what is fitted to them."""

    name = "quarters"
    exact = False

    def count(self, text: str) -> int:
        """A quarter of the characters."""
        return len(text) // 4


def texts() -> dict[str, list[str]]:
    """Return texts by kind, several of each: what the weights are fitted to."""
    stream = Stream("fit")
    uuids = [str(UUID(int=stream.bits(128))) for _ in range(400)]
    return {
        "prose": [build_haystack("prose", [], 4000, Quarters(), ("fit", i)).text for i in range(4)],
        "records": [build_haystack("records", [], 4000, Quarters(), ("fit", i)).text for i in range(2)],
        "manual": manual(0),
        "capitals": [build_haystack("prose", [], 2000, Quarters(), ("fit", 9)).text.upper()],
        "code": sources("json", "argparse", "os"),
        "json of uuids": [json.dumps(dict(zip(uuids[::2], uuids[1::2], strict=True)), indent=1)],
        **{name: [line] for name, line in LINES.items()},
    }


def held_out() -> dict[str, list[str]]:
    """Return texts that are measured only."""
    return {"manual, other pages": manual(1), "other code": sources("_pydecimal", "ast", "shutil")}


def manual(parity: int) -> list[str]:
    """Return every other page of Python's own manual: English that people wrote."""
    return [topics[name] for name in sorted(topics)[parity:40:2]]


def sources(*modules: str) -> list[str]:
    """Return the first 16,000 characters of the sources of modules."""
    return [inspect.getsource(importlib.import_module(name))[:16000] for name in modules]


def tokenizers() -> tuple[dict[str, Count], dict[str, Count]]:
    """Return functions from text to a number of tokens: those to fit to, and those to measure only."""
    fitted: dict[str, Count] = {}
    for name in ("cl100k_base", "o200k_base"):
        encode = tiktoken.get_encoding(name).encode
        fitted[name] = lambda text, encode=encode: len(encode(text, disallowed_special=()))
    fitted["deepseek"] = from_file(FOLDER / "deepseek_tokenizer.json")
    measured = [FOLDER / "anthropic_tokenizer.json", *map(Path, sys.argv[1:])]
    return fitted, {path.stem.removesuffix("_tokenizer"): from_file(path) for path in measured}


def from_file(path: Path) -> Count:
    """Return what counts with a `tokenizer.json`."""
    encode = Tokenizer.from_file(str(path)).encode
    return lambda text: len(encode(text, add_special_tokens=False).ids)


def fit(counters: dict[str, Count]) -> dict[str, int]:
    """Return the milli-tokens of each class that come nearest to the mean of the tokenizers, in relative squares."""
    rows, wanted = [], []
    for kind, group in texts().items():
        for text in group:
            mean = np.mean([count(text) for count in counters.values()])
            weight = WEIGHTS.get(kind, 1.0) / mean / sqrt(len(group))
            rows.append(np.array(class_counts(text)) * weight)
            wanted.append(mean * weight)
    solution, _ = nnls(np.array(rows), np.array(wanted))
    return dict(zip([*ASCII_CLASSES, *SCRIPTS], (round(1000 * value) for value in solution), strict=True))


def main() -> None:
    fitted, measured = tokenizers()
    print("milli-tokens per character as fitted now:", fit(fitted), "", sep="\n")
    counters = fitted | measured
    print(
        f"{'reference against':<22}{'chars/token':>12}"
        + "".join(f"{name:>14}" for name in counters)
        + f"{'mean':>9}{'worst':>9}"
    )
    reference = ReferenceCounter()
    for kind, group in (texts() | held_out()).items():
        ours = sum(reference.count(text) for text in group)
        errors = [ours / sum(count(text) for text in group) - 1 for count in counters.values()]
        shown = "".join(f"{error:>+14.1%}" for error in errors)
        mean, worst = np.mean(np.abs(errors)), max(errors, key=abs)
        print(f"{kind:<22}{sum(map(len, group)) / ours:>12.2f}{shown}{mean:>9.1%}{worst:>+9.1%}")


if __name__ == "__main__":
    main()
