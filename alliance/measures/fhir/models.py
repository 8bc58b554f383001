"""Checking against FHIR's own models, by the library `fhir.resources`, which is loaded here only."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from alliance.contract.faults import Fault, Faults, InputError, Mark

_MODULES = {"R5": "fhir.resources", "R4": "fhir.resources.R4B"}
_WORDS = {"extra_forbidden": "is not an element that FHIR has here", "missing": "is missing"}


def check(resource: Mapping[str, Any], release: str, mark: Mark, faults: Faults) -> bool:
    """Whether a resource is what FHIR allows in a release; else faults that say where it is not.

    Raises `InputError` where the library is not installed.
    """
    kind = str(resource["resourceType"])
    try:
        module = import_module(f"{_MODULES[release]}.{kind.lower()}")
    except ImportError:
        message = "FHIR reports need fhir.resources, which is not installed."
        raise InputError(Fault("AC204", message, mark, 'pip install "alliance[fhir]"')) from None
    errors = _errors(getattr(module, kind), resource)
    for where, words in errors:
        faults.add("AC432", mark, f"{where}: {words}.", f"See MeasureReport in FHIR {release}.")
    return not errors


def _errors(model: Any, resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    from pydantic import ValidationError

    try:
        model.model_validate(dict(resource))
    except ValidationError as error:
        return [
            (".".join(str(step) for step in e["loc"]) or "the resource", _WORDS.get(e["type"], str(e["msg"])))
            for e in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    return []
