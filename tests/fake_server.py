"""A real HTTP server on the loopback address that answers like an OpenAI-compatible one, from a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Answer = tuple[int, dict[str, str], Any]


def completion(text: str = "ANSWER: 1234567", **changes: Any) -> Answer:
    """Return a good answer."""
    message = {"role": "assistant", "content": text, **changes.pop("message", {})}
    body = {
        "model": "served-name",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message, **changes.pop("choice", {})}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}},
        **changes,
    }
    return 200, {}, body


@dataclass
class FakeServer:
    """A context manager; `answers` are given one after another, the last one for ever.

    Attributes:
        models: names in `/v1/models`, or None for a server without that list.
        pages: other paths and what they answer.
        reply_path: where completions are asked for; another one makes it another interface.
        requests: bodies of the chat completions received, and `headers` and `paths` of each.
    """

    answers: list[Answer | Callable[[dict[str, Any]], Answer]] = field(default_factory=lambda: [completion()])
    models: list[dict[str, Any]] | None = field(default_factory=lambda: [{"id": "m"}])
    key: str | None = None
    pages: dict[str, Any] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    reply_path: str = "/v1/chat/completions"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def respond(self, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Answer:
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return 401, {}, {"error": {"message": "bad key"}}
        if path == "/v1/models" and self.models is not None:
            return 200, {}, {"object": "list", "data": self.models}
        if path.partition("?")[0] == self.reply_path and body is not None:
            self.requests.append(body)
            self.paths.append(path)
            self.headers.append(headers)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            return answer(body) if callable(answer) else answer
        if path in self.pages:
            return 200, {}, self.pages[path]
        return 404, {}, {"error": {"message": "no such page"}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # headers and body go out apart, and the second would wait 40 ms

            def do_GET(self) -> None:
                self._send(outer.respond(self.path, None, _lower(self.headers)))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._send(outer.respond(self.path, body, _lower(self.headers)))

            def _send(self, answer: Answer) -> None:
                status, headers, body = answer
                raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
