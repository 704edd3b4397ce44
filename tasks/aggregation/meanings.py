"""What the failure modes of this family mean, for people who did not write it: what a reply of each does."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "agg.dedup_error": "counts twice what is told twice",
    "agg.decoy_included": "counts what was called off",
    "agg.mentions": "counts every mention",
    "agg.filter_ignored": "answers for all places together",
    "agg.other_group": "answers for another place",
    "agg.other_measure": "gives another measure of the right deliveries",
    "agg.top_k_swap": "swaps two neighbouring ranks",
    "agg.magnitude": "is 10, 100 or 1,000 times too large or too small",
    "agg.off_by_k": "is off by one",
    "agg.guess_round": "guesses a round number",
    "agg.undercount": "is too small, for no reason that is known",
    "agg.overcount": "is too large, for no reason that is known",
    "agg.cell_error": "has the right goods with wrong numbers",
    "agg.wrong_goods": "has wrong goods among the right number of them",
}
