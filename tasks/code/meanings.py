"""What the failure modes of this family mean, for people who did not write it: what a reply of each does."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "code.stale_definition": "takes a definition that no longer holds",
    "code.shadow_ignored": "takes the global for the local name",
    "code.alias_confusion": "takes an alias for what bears that name",
    "code.override_ignored": "runs the method of the base class",
    "code.super_ignored": "leaves out what super() does",
    "code.decorator_ignored": "leaves out the decorator",
    "code.default_arg": "looks the default up at the call",
    "code.off_by_one": "runs a loop once too often or too rarely",
    "code.dispatch_wrong_key": "takes another entry of the table",
    "code.constant_from_decoy_module": "takes the constant of another file",
    "code.wrong_qualifier": "takes the function of another module",
    "code.instance_attr_ignored": "takes the class's attribute for the object's",
    "code.closure_ignored": "takes the constant of another closure",
    "code.wrong_hop": "leaves out a call, or follows one that does not run",
    "code.early_stop": "stops part of the way down the calls",
    "code.sign_or_operator": "adds where it should subtract, or the other way round",
    "code.argument_returned": "gives the argument back",
    "code.arithmetic": "is off by a small number, a digit or a sign",
    "code.other_constant": "goes by another constant",
    "code.symptom": "names where the fault shows, not where it lies",
    "code.too_deep": "goes down past the fault",
    "code.wrong_definition": "takes another function of the same name",
    "code.extra": "lists what runs, and more",
    "code.hallucinated_symbol": "names a function that is nowhere in the files",
}
