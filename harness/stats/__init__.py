"""Numbers in, numbers out: every formula the verdict rests on, with its source."""

from harness.stats.clusters import ClusterMean, cluster_t, durkalski, effective_n, icc, obuchowski
from harness.stats.margins import fay_lumbard_lower, fay_lumbard_upper, tango_interval, tango_p, tango_score
from harness.stats.multiplicity import holm
from harness.stats.paired import mcnemar, mcnemar_mid_p, sign_flip
from harness.stats.planning import STRICT_BELOW, contexts_needed, fewest_samples, pass_probability, upper_bound
from harness.stats.proportions import clopper_pearson, newcombe_interval, wilson

__all__ = [
    "STRICT_BELOW",
    "ClusterMean",
    "clopper_pearson",
    "cluster_t",
    "contexts_needed",
    "durkalski",
    "effective_n",
    "fay_lumbard_lower",
    "fay_lumbard_upper",
    "fewest_samples",
    "holm",
    "icc",
    "mcnemar",
    "mcnemar_mid_p",
    "newcombe_interval",
    "obuchowski",
    "pass_probability",
    "sign_flip",
    "tango_interval",
    "tango_p",
    "tango_score",
    "upper_bound",
    "wilson",
]
