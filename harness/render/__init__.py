"""The report: runs and verdicts as one offline HTML page."""

from harness.render.excerpts import Excerpt, excerpt_of
from harness.render.report import render_report

__all__ = ["Excerpt", "excerpt_of", "render_report"]
