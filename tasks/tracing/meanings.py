"""What the failure modes of this family mean, for people who did not write it: what a reply of each does."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "trace.stale_binding": "takes a counter's first number for its last",
    "trace.late_binding": "lets a counter follow later changes of its source",
    "trace.arithmetic_ignored": "leaves out what is added on the way",
    "trace.order_ignored": "takes notes in the order in which they stand",
    "trace.broken_at_hop": "stops on the way",
    "trace.decoy_chain": "follows another chain",
    "trace.missing_tail": "gives the first counters of the chain only",
    "trace.extra_nodes": "gives more counters than the chain has",
    "trace.skipped_operation": "skips a step",
    "trace.other_list": "answers for another list",
    "trace.start_only": "gives the list as it was at the start",
    "trace.prefix_only": "gives the list as it was halfway",
    "trace.off_by_one": "is off by one",
    "trace.reversed_edges": "goes against the direction of the roads",
    "trace.depth_minus1": "goes one road too few",
    "trace.depth_plus1": "goes one road too many",
    "trace.cumulative_instead_of_exact": "gives nearer places too",
    "trace.exact_instead_of_cumulative": "leaves out nearer places",
    "trace.includes_start": "gets wrong whether the start belongs to the answer",
    "trace.skipped_node": "gives the two ends of the way alone",
    "trace.other_note": "gives something else from the text",
    "trace.other_step": "gives something else from the text",
    "trace.wrong_nodes": "gives something else from the text",
    "trace.invented_node": "gives a name or number that stands nowhere",
}
