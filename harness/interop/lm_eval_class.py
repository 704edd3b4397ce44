"""The class behind our tasks in lm-evaluation-harness: prompts of several turns, and each sample's own budget."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lm_eval.api.task import ConfigurableTask


class HarnessTask(ConfigurableTask):  # type: ignore[misc]
    """A task whose documents hold the messages that are sent."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config={key: value for key, value in config.items() if key != "class"})

    def fewshot_context(
        self,
        doc: Mapping[str, Any],
        num_fewshot: int,
        *,
        apply_chat_template: bool = False,
        chat_template: Callable[..., str] | None = None,
        **_: Any,
    ) -> str:
        """Return the messages through the chat template, or their text where there is none; examples are refused."""
        if num_fewshot:
            raise ValueError("tasks of longcontext-harness take no examples: leave --num_fewshot out")
        if apply_chat_template and chat_template:
            return chat_template(json.loads(doc["messages"]), add_generation_prompt=True)
        return str(doc["prompt"])

    def construct_requests(self, doc: Mapping[str, Any], ctx: str, **kwargs: Any) -> Any:
        """Ask with the sample's own budget."""
        request = super().construct_requests(doc, ctx, **kwargs)
        text, settings = request.arguments
        request.arguments = (text, {**settings, "max_gen_toks": doc["answer_budget"]})
        return request
