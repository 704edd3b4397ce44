"""Published layouts as presets of `workload`: columns, prompt, scorer, and the benchmark's own metric beside ours.

Prompts are our own. A number under a benchmark's name here is its metric on its rows, not its leaderboard's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from . import babilong, graphwalks, ifeval, infinitebench, jsonschemabench, longbench_v2, mrcr, repoqa, ruler
from .preset import Preset

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        longbench_v2.PRESET,
        ruler.ALL,
        ruler.PART,
        babilong.PRESET,
        *infinitebench.PRESETS,
        mrcr.PRESET,
        graphwalks.PRESET,
        repoqa.PRESET,
        ifeval.PRESET,
        jsonschemabench.PRESET,
    )
}


def preset_named(name: str) -> Preset:
    """Return a preset. Raises `ValueError` with a sentence for people."""
    if name not in PRESETS:
        near = get_close_matches(name, PRESETS, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"preset: unknown preset {name!r}{hint}; known are {', '.join(PRESETS)}")
    return PRESETS[name]


__all__ = ["PRESETS", "Preset", "preset_named"]
