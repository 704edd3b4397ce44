"""The keys of a `[[task]]` table with `name = "lm-eval:TASK"`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from harness.contracts import Params


class LmEvalParams(Params):
    """Which task of lm-evaluation-harness is asked, and how."""

    task: str = Field(min_length=1, description="its name there; what follows the colon in the name lm-eval:TASK")
    answer_budget: int = Field(default=0, ge=0, description="tokens of the answer; 0: max_gen_toks of the task, or 256")
    include_path: str | None = Field(default=None, description="folder with YAML tasks of your own")
    num_fewshot: int | None = Field(default=None, ge=0, description="examples before the question; unset: the task's")
    multiturn: bool = Field(default=True, description="examples as turns of a conversation, not in one message")
    filter: str = Field(default="", description="which of its filters reads the reply; unset: the first")
    metric: str = Field(default="", description="which of its metrics is the score; unset: the first from 0 to 1")
    sampling: Literal["task", "model"] = Field(default="task", description="whose temperature and top_p are sent")
    metadata: dict[str, Any] = Field(default_factory=dict, description="as lm_eval --metadata has it")
    rows: int | None = Field(default=None, ge=1, description="the first so many of its documents, as lm_eval --limit")
    over_length: Literal["error", "skip"] = Field(default="error", description="what becomes of prompts too long")
    docs_sha256: str = Field(default="", description="hash of its documents and settings; others are refused")
    lm_eval_version: str = Field(default="", description="version of lm-evaluation-harness; others are refused")
