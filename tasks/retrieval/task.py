"""The tasks of this family."""

from __future__ import annotations

from .exact import ExactRetrieval
from .latent import LatentRetrieval
from .ordinal import OrdinalRetrieval
from .recall import AssociationRecall

TASKS = (ExactRetrieval, LatentRetrieval, AssociationRecall, OrdinalRetrieval)
