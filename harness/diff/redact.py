"""Personal data and keys, replaced before anything is stored or shown.

A value becomes `[email:1f3a9c02]`: the rule's name and a digest of the value. The digest is keyed by the contents of
the log, so that the same value has the same placeholder in every reply of every model, also when a run is continued,
while nobody without the log can look a value up by hashing guesses. A value that was found in the log is replaced in
replies wherever it stands, also where no pattern would find it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from hashlib import sha256
from typing import Any

from harness.errors import ConfigError
from harness.hashing import prompt_sha256
from harness.records import Axis, Message, Reply, Result

ALWAYS = ("api_key",)
DEFAULT = ("api_key", "email", "iban", "credit_card")
FEWEST_CHARS = 6
"""A shorter value is not looked for on its own: it would be found in ordinary words."""

ENDS = ".!?:)"
"""A value does not end in these: they are the sentence's."""

_PLACEHOLDER = re.compile(r"(\[[A-Za-z][A-Za-z0-9_]*:[0-9a-f]{8}\])")
_NAMED = (
    r"(?i:api[-_ ]?key|access[-_ ]?key|secret(?:[-_ ]?key)?|access[-_ ]?token|auth[-_ ]?token|token|password|passwd|pwd"
    r"|client[-_ ]?secret)"
)
_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "api_key": (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
        r"(?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?i:(?:bearer|basic|token)\s{1,3})?(?P<value>[^\s\"',;]{6,4000})",
        r"(?i:\bbearer)\s{1,3}(?P<value>[A-Za-z0-9._~+/=-]{12,4000})",
        r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or|svcacct)?[-_A-Za-z0-9]{16,200}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_[A-Za-z0-9_]{20,255}|\bglpat-[A-Za-z0-9_-]{16,255}",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,255}|\bhf_[A-Za-z0-9]{20,100}|\bAIza[A-Za-z0-9_-]{30,45}",
        r"\beyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{4,4000}(?:\.[A-Za-z0-9_-]{0,4000})?",
        rf"\b{_NAMED}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?(?P<value>[^\s\"',;<>\[\]{{}}]{{6,400}})",
        rf"\b{_NAMED}\s{{1,3}}is\s{{1,3}}[\"']?(?P<value>(?=[^\s\"',;]{{0,400}}\d)[^\s\"',;<>\[\]{{}}]{{6,400}})",
    ),
    "email": (r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])",),
    "iban": (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",),
    "credit_card": (r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])",),
    "ip": (r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)",
           r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])",
           r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?![\w:])"),
    "phone": (r"(?<![\w.])(?:\+|00)\d{1,3}[ .\-/]?(?:\(0?\d{1,4}\)[ .\-/]?)?\d(?:[ .\-/]?\d){5,12}(?!\w)",
              r"(?<![\w.])\(?0?\d{2,4}\)?[ .\-/]\d{3,4}[ .\-/]\d{3,5}(?!\w)"),
}  # fmt: skip
RULES = tuple(_PATTERNS)


def _luhn(text: str) -> bool:
    """Tell whether digits end in the check digit of Luhn (1960), as card numbers do."""
    digits = [int(char) for char in text if char.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10


def _mod97(text: str) -> bool:
    """Tell whether a text has the check digits of an IBAN (ISO 13616)."""
    bare = text.replace(" ", "")
    return len(bare) >= 15 and int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


_CHECKS: Mapping[str, Callable[[str], bool]] = {"credit_card": _luhn, "iban": _mod97}


class Redactor:
    """Replaces values by placeholders.

    Args:
        rules: names among `RULES`; keys and tokens are replaced whether named or not.
        patterns: further regular expressions by the name of their placeholder; a group `value` says what is replaced.
        log: the text that keys the digests.

    Raises:
        ConfigError: no such rule, or a pattern that is none.
    """

    def __init__(self, rules: Iterable[str], patterns: Mapping[str, str], log: str) -> None:
        self._key = sha256(log.encode("utf-8", "surrogatepass")).digest()
        wanted = {_known(name) for name in (*ALWAYS, *rules)}
        self._rules = [(name, re.compile(one)) for name in RULES if name in wanted for one in _PATTERNS[name]]
        self._rules += [(name, _compiled(name, pattern)) for name, pattern in patterns.items()]
        self._found: dict[str, str] = {}

    def learn(self, text: str) -> str:
        """Redact a text of the log, and remember its values for the replies."""
        return self._by_pattern(text, self._remember)

    def redact(self, text: str) -> str:
        """Redact any text: values of the log first, wherever they stand, then whatever a pattern finds."""
        if self._found:
            text = self._literal.sub(lambda match: self._found[match[0]], text)
        return self._by_pattern(text, self._placeholder)

    def message(self, message: Message) -> Message:
        """Redact a turn of a request."""
        return Message(message.role, self.learn(message.content))

    def plain(self, value: Any) -> Any:
        """Redact every string of a plain value."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, Mapping):
            return {self.redact(str(key)): self.plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(inner) for inner in value]
        return value

    def axis(self, value: Axis) -> Axis:
        """Redact the value of a column; a number that a rule finds becomes text."""
        if isinstance(value, bool):
            return value
        shown = self.learn(str(value))
        return value if shown == str(value) else shown

    def result(self, result: Result, messages: Iterable[Message]) -> Result:
        """Redact what a run would store of a reply; the hash becomes that of the redacted prompt, `messages`."""
        return replace(result, reply=self.reply(result.reply), prompt_sha256=prompt_sha256(list(messages)))

    def reply(self, reply: Reply) -> Reply:
        """Redact a reply: text, reasoning, and what an error quotes."""
        error = reply.error and replace(reply.error, message=self.redact(reply.error.message))
        return replace(reply, text=self.redact(reply.text), reasoning=self.redact(reply.reasoning), error=error)

    @property
    def values(self) -> int:
        """Number of different values found in the log."""
        return len(self._found)

    @cached_property
    def _literal(self) -> re.Pattern[str]:
        longest_first = sorted(self._found, key=len, reverse=True)
        return re.compile(r"(?<![0-9A-Za-z])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![0-9A-Za-z])")

    def _by_pattern(self, text: str, placeholder: Callable[[str, str], str]) -> str:
        for name, pattern in self._rules:
            parts = _PLACEHOLDER.split(text)  # what was replaced is not looked at again
            parts[::2] = [pattern.sub(partial(_replaced, name, placeholder), part) for part in parts[::2]]
            text = "".join(parts)
        return text

    def _placeholder(self, name: str, value: str) -> str:
        digest = hmac.new(self._key, f"{name}\0{value}".encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return f"[{name}:{digest[:8]}]"

    def _remember(self, name: str, value: str) -> str:
        placeholder = self._placeholder(name, value)
        if len(value) >= FEWEST_CHARS and value not in self._found:
            self._found[value] = placeholder
            self.__dict__.pop("_literal", None)
        return placeholder


def _replaced(name: str, placeholder: Callable[[str, str], str], match: re.Match[str]) -> str:
    """Return a match with its value replaced, or as it is where the value fails the rule's check."""
    group = "value" if "value" in match.re.groupindex else 0
    value = match[group]
    if not value or (name in _CHECKS and not _CHECKS[name](value)):
        return match[0]
    start, end = (at - match.start() for at in match.span(group))
    return match[0][:start] + placeholder(name, value.rstrip(ENDS) or value) + match[0][end:]


def _known(name: str) -> str:
    if name not in _PATTERNS:
        raise ConfigError(f"no rule {name!r}", where="[diff] redact", allowed=", ".join(RULES))
    return name


def _compiled(name: str, pattern: str) -> re.Pattern[str]:
    try:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            raise ConfigError(f"{name!r} names no placeholder", where="[diff] patterns", allowed="letters, digits, _")
        return re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"not a regular expression: {error}", where=f"[diff] patterns: {name}") from None
