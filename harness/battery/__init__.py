"""What every task must pass before its numbers mean anything: `harness tasks check`.

The oracle, which sees only the rendered prompt, must score 1: the question has the answer it claims. Replies that know
nothing (empty, a refusal, an echo, another sample's answer, everything that is planted) must earn no more than the
floor: the score cannot be had for free. A wrong reply has one failure mode, and a score depends on nothing but sample
and reply. And the facts must not move with length, process or order, or two runs would not be asked the same.
"""

from harness.battery.bench import LENGTHS, Finding
from harness.battery.check import check_task

__all__ = ["LENGTHS", "Finding", "check_task"]
