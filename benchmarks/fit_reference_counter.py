"""Fits the weights of the reference counter to real tokenizers and prints its error by kind of text.

Needs three tokenizer files, none of which is part of this project: the wheel `litellm` carries those of cl100k_base and
o200k_base and a `tokenizer.json` of DeepSeek. In an environment of its own:

    pip install tiktoken tokenizers numpy scipy pydantic && pip install --no-deps litellm
    python benchmarks/fit_reference_counter.py

Texts are made here or come with Python, so that anybody fits the same weights.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from uuid import UUID

import numpy as np
from scipy.optimize import nnls

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.contexts.haystack import build_haystack
from harness.contexts.streams import Stream
from harness.contexts.tokens import ASCII_CLASSES, SCRIPTS, ReferenceCounter, class_counts

FOLDER = Path(importlib.util.find_spec("litellm").submodule_search_locations[0]) / "litellm_core_utils/tokenizers"
os.environ["TIKTOKEN_CACHE_DIR"] = str(FOLDER)

LINES = {
    "cyrillic": "Старый смотритель маяка записал в журнал, что шторм пришёл с востока и к утру стих. "
    "Рыбаки вернулись в гавань и починили сети, а дети собирали на берегу ракушки и гладкие камни.",
    "greek": "Ο παλιός φαροφύλακας έγραψε στο βιβλίο ότι η καταιγίδα ήρθε από την ανατολή και κόπασε το πρωί.",
    "arabic": "كتب حارس المنارة القديم في السجل أن العاصفة جاءت من الشرق وهدأت عند الصباح، ثم عاد الصيادون إلى الميناء.",
    "devanagari": "पुराने प्रकाशस्तंभ के रखवाले ने पुस्तक में लिखा कि तूफ़ान पूर्व से आया और सुबह तक शांत हो गया।",
    "cjk": "老灯塔看守人在日志里写道，风暴从东边来，到早晨就平息了。渔民们回到港口修补渔网，孩子们在岸边捡贝壳。",
    "kana": "ふるいとうだいのばんにんは、あらしがひがしからきて、あさにはおさまったとにっしにかいた。",
    "hangul": "늙은 등대지기는 폭풍이 동쪽에서 와서 아침에 잦아들었다고 일지에 적었다. 어부들은 항구로 돌아와 그물을 고쳤다.",
    "latin": "Der alte Leuchtturmwärter schrieb über die stürmische Nacht; früh kehrten die Fischer müde zurück. "
    "Le vieux gardien écrivit que la tempête était venue de l'est et s'était apaisée près du rivage à l'aube.",
}


def texts() -> dict[str, list[str]]:
    """Return texts by kind, several of each."""
    flat = ReferenceCounter()
    stream = Stream("fit")
    uuids = [str(UUID(int=stream.bits(128))) for _ in range(400)]
    code = [Path(m).read_text() for m in (json.__file__, argparse_file(), Path(os.__file__))]
    return {
        "prose": [build_haystack("prose", [], 4000, flat, ("fit", i)).text for i in range(4)],
        "records": [build_haystack("records", [], 4000, flat, ("fit", i)).text for i in range(2)],
        "capitals": [build_haystack("prose", [], 2000, flat, ("fit", 9)).text.upper()],
        "code": [text[:16000] for text in code],
        "json of uuids": [json.dumps(dict(zip(uuids[::2], uuids[1::2], strict=True)), indent=1)],
        **{name: [line] for name, line in LINES.items()},
    }


def argparse_file() -> str:
    import argparse

    return argparse.__file__


def tokenizers() -> dict[str, object]:
    """Return functions from text to a number of tokens."""
    import tiktoken
    from tokenizers import Tokenizer

    deepseek = Tokenizer.from_file(str(FOLDER / "deepseek_tokenizer.json"))
    counts = {name: tiktoken.get_encoding(name) for name in ("cl100k_base", "o200k_base")}
    found = {
        name: lambda text, e=encoding: len(e.encode(text, disallowed_special=())) for name, encoding in counts.items()
    }
    found["deepseek"] = lambda text: len(deepseek.encode(text, add_special_tokens=False).ids)
    for path in sys.argv[1:]:
        extra = Tokenizer.from_file(path)
        found[Path(path).stem] = lambda text, e=extra: len(e.encode(text, add_special_tokens=False).ids)
    return found


def main() -> None:
    counters, corpus = tokenizers(), texts()
    rows, wanted = [], []
    for kind, group in corpus.items():
        for text in group:
            mean = np.mean([count(text) for count in counters.values()])
            weight = 1.0 / mean * {"prose": 3.0, "records": 2.0}.get(kind, 1.0)
            rows.append(np.array(class_counts(text)) * weight)
            wanted.append(mean * weight)
    weights, _ = nnls(np.array(rows), np.array(wanted))
    names = [*ASCII_CLASSES, *SCRIPTS]
    print("milli-tokens per character:")
    print({name: round(1000 * w) for name, w in zip(names, weights, strict=True)})
    print(f"\n{'kind':<16}{'chars/token':>12}" + "".join(f"{name:>14}" for name in counters))
    counter = ReferenceCounter()
    for kind, group in corpus.items():
        ours = sum(counter.count(text) for text in group)
        chars = sum(map(len, group))
        errors = [ours / sum(count(text) for text in group) - 1 for count in counters.values()]
        print(f"{kind:<16}{chars / ours:>12.2f}" + "".join(f"{error:>+14.1%}" for error in errors))


if __name__ == "__main__":
    main()
