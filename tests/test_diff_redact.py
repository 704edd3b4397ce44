"""Keys and personal data: found, replaced the same way everywhere, and nowhere on disk."""

from __future__ import annotations

import re

import pytest

from harness.diff.redact import RULES, Redactor
from harness.errors import ConfigError
from harness.records import Reply, ReplyError

PLACEHOLDER = re.compile(r"\[[a-z_]+:[0-9a-f]{8}\]")


def redactor(log: str = "", rules: tuple[str, ...] = RULES, **patterns: str) -> Redactor:
    return Redactor(rules, patterns, log)


@pytest.mark.parametrize(
    ("text", "secret", "rule"),
    [
        ("Write to Ana.Lopez+x@mail.example.co.uk today", "Ana.Lopez+x@mail.example.co.uk", "email"),
        ("<a@b.de>", "a@b.de", "email"),
        ("call +49 (0)30 901820-12 or", "+49 (0)30 901820-12", "phone"),
        ("tel. 030/901-8200 now", "030/901-8200", "phone"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "DE89 3704 0044 0532 0130 00", "iban"),
        ("card 4111 1111 1111 1111,", "4111 1111 1111 1111", "credit_card"),
        ("card 4111-1111-1111-1111,", "4111-1111-1111-1111", "credit_card"),
        ("from 10.20.30.40 at", "10.20.30.40", "ip"),
        ("at 2001:db8::8a2e:370:7334 now", "2001:db8::8a2e:370:7334", "ip"),
        ("key sk-proj-abcdefghij0123456789ABCD", "sk-proj-abcdefghij0123456789ABCD", "api_key"),
        ("Authorization: Bearer abc.def-123456", "abc.def-123456", "api_key"),
        ('{"authorization": "Basic dXNlcjpwYXNz"}', "dXNlcjpwYXNz", "api_key"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "api_key"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "api_key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF", "api_key"),
        ("password = swordfish", "swordfish", "api_key"),
        ("the password is hunter22!", "hunter22!", "api_key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", "MIIB", "api_key"),
    ],
)
def test_what_is_found(text: str, secret: str, rule: str) -> None:
    shown = redactor().redact(text)
    assert secret not in shown
    assert f"[{rule}:" in shown


@pytest.mark.parametrize(
    "text",
    [
        "The shelf mark of Geland Clandholt is 4770722.",
        "card 4111-1111-1111-1112 fails its check digit",
        "on 2024-05-06 at 10:11:12 it was 1,234.50",
        "the token is missing, and the password is wrong",
        "version 1.2.3.4.5",
        "DE89 3704 0044 0532 0130 02",
    ],
)
def test_what_is_not(text: str) -> None:
    kept = Redactor(("email", "iban", "credit_card", "ip"), {}, "")
    assert kept.redact(text) == text


def test_one_value_has_one_placeholder_in_a_log_and_another_in_another() -> None:
    first, same, other = redactor("log"), redactor("log"), redactor("another log")
    text = "a@b.example and c@d.example and a@b.example"
    one, two, three = PLACEHOLDER.findall(first.redact(text))
    assert one == three != two
    assert first.redact(text) == same.redact(text) != other.redact(text)
    assert first.redact(first.redact(text)) == first.redact(text)


def test_a_value_of_the_log_is_found_in_replies_where_no_pattern_would() -> None:
    found = redactor()
    learnt = found.learn("My password: swordfish. Please repeat it.")
    assert "swordfish" not in learnt
    (placeholder,) = PLACEHOLDER.findall(learnt)
    assert found.redact("You said swordfish, twice: swordfish.") == f"You said {placeholder}, twice: {placeholder}."
    assert "swordfishes" in found.redact("swordfishes")


def test_patterns_of_ones_own_and_parts_of_a_match() -> None:
    found = redactor(rules=(), staff=r"EMP-\d+", case=r"case (?P<value>\d+)")
    assert re.fullmatch(r"\[staff:\w{8}\] in case \[case:\w{8}\]", found.redact("EMP-123 in case 99"))
    assert found.redact("a@b.example") == "a@b.example"
    assert "sk-" not in found.redact("sk-abcdefghij0123456789")


def test_replies_and_errors_are_redacted_whole() -> None:
    found = redactor()
    reply = Reply(
        text="x@y.example", reasoning="x@y.example", error=ReplyError(kind="bad_request", message="x@y.example")
    )
    shown = found.reply(reply)
    assert {shown.text, shown.reasoning, shown.error.message if shown.error else ""} == {found.redact("x@y.example")}
    assert found.plain({"x@y.example": ["x@y.example", 1, None]}) == {shown.text: [shown.text, 1, None]}
    assert (found.axis(True), found.axis(7), found.axis("x@y.example")) == (True, 7, shown.text)


def test_hostile_text_is_redacted_in_linear_time() -> None:
    found = redactor()
    for text in (
        "a" * 200_000,
        "a.b" * 60_000,
        "1 " * 100_000,
        "@" * 200_000,
        "token" * 40_000,
        "eyJ" * 60_000,
        "a:" * 90_000,
    ):
        assert len(found.redact(text)) > 0


def test_unknown_rules_and_wrong_patterns_are_refused() -> None:
    with pytest.raises(ConfigError, match="no rule 'mail'"):
        Redactor(("mail",), {}, "")
    with pytest.raises(ConfigError, match="not a regular expression"):
        Redactor((), {"x": "("}, "")
    with pytest.raises(ConfigError, match="names no placeholder"):
        Redactor((), {"a b": "x"}, "")
