from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from render_data import judged, made_result, made_run
from test_render_report import Page

import harness.render
from harness.records import ReplyError
from harness.render import Excerpt, render_report

STYLE = (Path(harness.render.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</pre></details></main><h1>PASS</h1>",
    "<!-- <![CDATA[ ]]> --!>",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "&lt;b&gt; &amp; &#x3c;script&#x3e;",
    "javascript:alert(1) data:text/html,<b> https://example.org/x.png",
    "safe \u202egnp.exe\u2066 \u200b\ufeff",
    "nul \x00 bell \x07 escape \x1b[31m red \x9b del \x7f",
    "\ud800 lone \udfff",
    "\u2028 \u2029 \r\n \x0b \x0c \x85",
    "x" * 50_000,
    "a\u0301" * 4_000,
    "",
)


def page_with(text: str) -> str:
    """Render a comparison in which everything that others wrote is `text`, made unique where names must be."""

    def result(i, *, correct):
        made = made_result(
            f"{text}{i}",
            correct=correct,
            mode=f"{text}m",
            task=f"{text}t",
            context=i,
            text=text,
            answer=(text,),
            reasoning=text,
            evidence=f"e{text}",
        )
        return replace(made, gold=(text, "gold"), reply=replace(made.reply, text=f"r{text}", reasoning=f"r{text}"))

    error = ReplyError(kind="server_error", message=text)
    results = [result(i, correct=i < 8) for i in range(10)]
    broken = made_result(f"{text}e", error=error, task=f"{text}t")
    baseline = made_run(f"{text}base", results, role="baseline", sweep=f"{text}s", planned=10)
    worse = [result(i, correct=i < 5) for i in range(10)]
    candidate = made_run(
        f"{text}cand", worse, sweep=f"{text}s", kind=f"{text}k", identity={f"{text}i": text, "n": {text: [text]}}
    )
    alone = made_run(f"{text}alone", [broken], sweep=f"{text}s")
    verdict = replace(judged(baseline, candidate, margin=0.9), notes=(text,), policy=text, icc_source=text)
    return render_report(
        [baseline, candidate, alone],
        [verdict],
        excerpts=lambda run, result: Excerpt(f"b{text}", f"n{text}", f"a{text}", f"q{text}"),
        caveats=[text],
    )


def structure(html: str) -> list[tuple[str, list[str]]]:
    """Return every element with the names of its attributes: what text of others must not change."""
    page = Page(html)
    assert page.open == []
    return [(tag, sorted(attrs)) for tag, attrs in page.elements]


BENIGN = page_with("benign")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_adds_no_element_and_no_attribute(text):
    html = page_with(text)
    assert structure(html) == structure(BENIGN)
    assert script_and_style(html) == script_and_style(BENIGN)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_character_that_deceives_the_eye_reaches_the_page(text):
    html = page_with(text)
    assert {c for c in html if not c.isprintable()} <= {"\n", "\t"}
    assert html.encode("utf-8")


def test_what_was_neutralised_can_still_be_read():
    html = page_with("\u202egnp.exe\x00\ud800")
    assert r"\u202egnp.exe\x00\ud800" in html


def test_long_replies_are_cut_in_the_middle():
    html = page_with("y" * 50_000 + "THE END")
    assert "characters left out" in html
    assert "THE END" in html
    assert "y" * 1501 not in html
    assert all("y" * 801 not in reply for reply in re.findall(r"<pre>.*?</pre>", html, re.DOTALL))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=60))
def test_no_text_changes_the_structure(text):
    html = page_with(text)
    assert structure(html) == structure(BENIGN)
    assert {c for c in html if not c.isprintable()} <= {"\n", "\t"}


def script_and_style(html: str) -> list[str]:
    return re.findall(r"<(?:script|style)>.*?</(?:script|style)>", html, re.DOTALL)


def palette(block: str) -> dict[str, tuple[float, float, float]]:
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{6});", block)
    return {name: tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)) for name, code in found}


def luminance(colour):
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(scheme):
    colours = palette(STYLE.split(":root {")[scheme + 1].split("}")[0])
    paper, ground, ink = colours["paper"], colours["ground"], colours["ink"]
    for name in ("ink", "quiet", "link", "pass", "regressed", "inconclusive", "invalid"):
        assert contrast(colours[name], paper) >= 4.5, name
    for back in (ground, colours["mark"]):
        assert contrast(ink, back) >= 4.5
    assert contrast(colours["quiet"], ground) >= 4.5
    for name in ("worse", "better"):
        for strength in (0.25, 0.5, 0.75, 1.0):
            mixed = tuple(strength * c + (1 - strength) * p for c, p in zip(colours[name], paper, strict=True))
            assert contrast(ink, mixed) >= 4.5, (name, strength)
    for name in ("bar", "bar-before"):
        assert contrast(colours[name], paper) >= 3
