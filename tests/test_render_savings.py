"""What the first screen says of money: what a candidate costs, at the volume that is expected, against its baseline."""

from __future__ import annotations

from dataclasses import replace

import pytest
from render_data import judged
from test_render_money import HOST, declared, page, two
from test_render_report import text_of

from harness.declared import Decision, Declared, Terms


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        (1e6, "at the 1,000,000 tasks a month declared, a task costs 78.5 % more than at the baseline's prices"),
        (5e6, "at the 5,000,000 tasks a month declared, a task costs 64.3 % less than at the baseline's prices"),
        (2e7, "What it saves is not shown"),  # more than the machines can do at the stated utilisation
        (None, "at their stated utilisation, a task costs 78.8 % less than at the baseline's prices"),
    ],
)
def test_the_first_screen_says_what_machines_cost_at_the_volume_that_is_expected(volume, told):
    runs = two()
    stated = declared(decision=Decision(tasks_per_month=volume, work="sort letters"))
    html = page(runs, stated, [judged(*runs)])
    first = text_of(html.split('<section id="settle">')[0])
    assert told in first
    assert "The work: sort letters" in first
    assert "Right answers 72.5 %" in first


def test_two_models_on_machines_are_compared_on_these():
    runs = two()
    stated = declared()
    faster = replace(
        stated, terms={**stated.terms, "api": Terms(self_hosted=HOST.model_copy(update={"tokens_per_second": 5000}))}
    )

    def first(stated: Declared) -> str:
        return text_of(page(runs, stated, [judged(*runs)]).split('<section id="settle">')[0])

    told = "On the machines declared for both, at {}, a task costs {} the baseline's"
    assert told.format("their stated utilisation", "25.0 % more than") in first(faster)
    cache = HOST.model_copy(update={"tokens_per_second": 5000, "kv_bits": 32})
    busy = replace(
        faster,
        terms={**stated.terms, "api": Terms(self_hosted=cache)},
        decision=Decision(tasks_per_month=1e6, currency="EUR"),
    )
    text = first(busy)
    assert told.format("the 1,000,000 tasks a month declared", "the same as") in text
    assert "(38,200 a month, the baseline 38,200 EUR, used or not); it takes 25.0 % more of their time: at the" in text
    assert "50.0 % less : 327.7 kB a token, the baseline 655.4 kB; at 1k 335.5 MB and 671.1 MB for each request" in text
    full = replace(busy, decision=Decision(tasks_per_month=9e6))  # more than the slower machines do at 40 %
    assert told.format("their stated utilisation", "25.0 % more than") in first(full)
