"""Numbers in, numbers out: every formula the verdict rests on, with its source.

Notation: a *loss* is a sample that only the baseline gets right, a *gain* one that only the candidate gets right; the
*drop* is baseline less candidate, so positive is worse. Undefined is None.
"""

from harness.stats.agreement import ArmSwap, arm_swap, bhapkar, bowker, stuart_maxwell
from harness.stats.chi_square import ChiSquare
from harness.stats.clusters import (
    ClusterMean,
    cluster_t,
    design_effect,
    durkalski,
    effective_n,
    effective_n_of,
    icc,
    obuchowski,
)
from harness.stats.drift import ExcessFlips, excess_by_sample, excess_flips, relabelled_excess
from harness.stats.growth import Growth, growth
from harness.stats.lengths import EffectiveLength, effective_length, effective_length_interval
from harness.stats.margins import fay_lumbard_lower, fay_lumbard_upper, tango_interval, tango_p, tango_score
from harness.stats.multiplicity import benjamini_hochberg, e_benjamini_hochberg, holm, tarone
from harness.stats.paired import mcnemar, mcnemar_mid_p, mcnemar_mid_p_two_sided, mcnemar_two_sided, sign_flip
from harness.stats.planning import (
    STRICT_BELOW,
    contexts_needed,
    flip_rate_of_means,
    pass_probability,
    upper_bound,
)
from harness.stats.positions import Depth, position_profile
from harness.stats.power import (
    drop_found,
    fewest_samples,
    mcnemar_power,
    questions_per_context,
    replies_per_sample,
    samples_for_harm,
    samples_for_margin,
    samples_for_mean,
    smallest_drop,
    smallest_mean_drop,
)
from harness.stats.proportions import clopper_pearson, newcombe_interval, wilson
from harness.stats.ratio import tang_interval, tang_p, tang_score
from harness.stats.replicates import Variances, pass_at_k, pass_hat_k, variances
from harness.stats.scan import MaxStatistic, class_statistics, max_statistic
from harness.stats.sequential import (
    anytime_bounds,
    betting_process,
    contexts_without_loss,
    e_mcnemar,
    e_mcnemar_two_sided,
    harm_process,
    margin_process,
)

__all__ = [
    "STRICT_BELOW",
    "ArmSwap",
    "ChiSquare",
    "ClusterMean",
    "Depth",
    "EffectiveLength",
    "ExcessFlips",
    "Growth",
    "MaxStatistic",
    "Variances",
    "anytime_bounds",
    "arm_swap",
    "benjamini_hochberg",
    "betting_process",
    "bhapkar",
    "bowker",
    "class_statistics",
    "clopper_pearson",
    "cluster_t",
    "contexts_needed",
    "contexts_without_loss",
    "design_effect",
    "drop_found",
    "durkalski",
    "e_benjamini_hochberg",
    "e_mcnemar",
    "e_mcnemar_two_sided",
    "effective_length",
    "effective_length_interval",
    "effective_n",
    "effective_n_of",
    "excess_by_sample",
    "excess_flips",
    "fay_lumbard_lower",
    "fay_lumbard_upper",
    "fewest_samples",
    "flip_rate_of_means",
    "growth",
    "harm_process",
    "holm",
    "icc",
    "margin_process",
    "max_statistic",
    "mcnemar",
    "mcnemar_mid_p",
    "mcnemar_mid_p_two_sided",
    "mcnemar_power",
    "mcnemar_two_sided",
    "newcombe_interval",
    "obuchowski",
    "pass_at_k",
    "pass_hat_k",
    "pass_probability",
    "position_profile",
    "questions_per_context",
    "relabelled_excess",
    "replies_per_sample",
    "samples_for_harm",
    "samples_for_margin",
    "samples_for_mean",
    "sign_flip",
    "smallest_drop",
    "smallest_mean_drop",
    "stuart_maxwell",
    "tang_interval",
    "tang_p",
    "tang_score",
    "tango_interval",
    "tango_p",
    "tango_score",
    "tarone",
    "upper_bound",
    "variances",
    "wilson",
]
