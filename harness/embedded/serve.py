"""The child process that serves a GGUF file: `python -m harness.embedded.serve '{"weights": …}'`.

It is llama.cpp's own OpenAI-compatible server, out of the package `xllamacpp`, bound to the loopback address. It prints
one JSON line with its address when it listens, and ends when its standard input closes, so that it never outlives the
harness, however that ended.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main(argument: str) -> None:
    """Serve until standard input ends."""
    import xllamacpp

    # The library's logs go to the same descriptor as this line; keep a clean one for it.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    server = xllamacpp.Server(_params(xllamacpp, json.loads(argument)))
    print(json.dumps({"address": server.listening_address}), file=answer, flush=True)
    sys.stdin.read()
    os._exit(0)  # the library's threads have no other end


def _params(xllamacpp: Any, wanted: dict[str, Any]) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = wanted["weights"]
    params.model_alias = {wanted["alias"]}
    params.n_ctx = wanted["context_size"]
    params.n_parallel = 1
    params.port = 0
    params.cpuparams.n_threads = wanted["threads"]
    kind = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{wanted['kv_cache'].upper()}")
    params.cache_type_k = params.cache_type_v = kind
    # A quantised V cache needs flash attention; all variants get it, so that only the type differs.
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
    return params


if __name__ == "__main__":
    main(sys.argv[1])
