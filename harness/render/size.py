"""How large a page may be: what takes long to open is said, and what no browser opens in peace is not written."""

from __future__ import annotations

from pathlib import Path

from harness.errors import ConfigError

LARGE, TOO_LARGE = 10_000_000, 50_000_000
"""Bytes from which on a page is warned of, and refused."""


def size_note(page: str, where: Path) -> str:
    """Return a warning where a page is large, and nothing where it is not.

    Raises:
        ConfigError: it is too large to be of use.
    """
    bytes_ = len(page.encode())
    size = f"{bytes_ / 1e6:.1f} MB"
    fix = "name fewer runs, or give a policy with fewer slices"
    if bytes_ >= TOO_LARGE:
        raise ConfigError(
            "the report is too large to be opened", where=str(where), found=size, allowed="less than 50 MB", fix=fix
        )
    return f"{where} has {size} and opens slowly: {fix}" if bytes_ >= LARGE else ""
