"""What a chi-square test gives back."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import chi2


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A chi-square statistic.

    Attributes:
        statistic: how far the data are from the hypothesis.
        df: degrees of freedom.
    """

    statistic: float
    df: int

    @property
    def p(self) -> float:
        """Return the two-sided p: the chance of a statistic at least as large under the hypothesis."""
        return float(chi2.sf(self.statistic, self.df))
