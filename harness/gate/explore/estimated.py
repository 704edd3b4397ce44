"""What some paired samples say about two runs, by the policy's methods and by none of its margins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.gate.counting import Paired, Place, Row, Terms, counted
from harness.gate.policy import Applied, Policy

if TYPE_CHECKING:
    import pandas as pd

NO_RULE = Applied(1.0, "warn", "")


def estimated(samples: pd.DataFrame, policy: Policy, runs: int) -> Row:
    """Return counts, estimates and the test of harm over samples.

    Args:
        samples: one row a sample, as `mean_of_replicates` makes them; at least one.
        policy: its alpha, population and icc; without an icc a context counts as one sample.
        runs: replies to each sample.
    """
    icc = 1.0 if policy.defaults.icc is None else policy.defaults.icc
    base, cand = samples["base"].to_numpy(float), samples["cand"].to_numpy(float)
    clusters = samples["context_id"].to_numpy()
    paired = Paired(base - cand, base, cand, clusters, whole=runs == 1, chance=0.0)
    return counted(paired, Place("overall"), NO_RULE, Terms(policy, icc, runs=runs))
