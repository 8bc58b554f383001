"""What could not be determined: what is missing, where it was to come from, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract.faults import MOST_TOLD
from alliance.contract.values import WITHOUT_CASES, Reason, Unknown, phrase
from alliance.reports.model import Section, Text, section, table
from alliance.reports.naming import Naming, sentence, titled
from alliance.settlement.result import PaymentResult

TO_DO = {
    "missing": "Bring it and settle again.",
    "not assessable": "There are too few cases or nothing to divide by: bring more, or agree what stands in its place.",
    "not applicable": "Agree what stands in its place: the contract does not say.",
    "suppressed": "Bring the figure that was held back from publication, or agree what stands in its place.",
    "provisional": "Bring the final figure.",
}


def reasons(p: PaymentResult) -> list[Reason]:
    """Why a payment could not be determined: with the places that its waterfalls know, each once."""
    found: dict[tuple[str, str], Reason] = {}

    def add(value: object) -> None:
        for r in value.reasons if isinstance(value, Unknown) else ():
            if (r.what, r.status) not in found or found[r.what, r.status].mark is None:
                found[r.what, r.status] = r

    for part in (p, *p.parts):
        for w in part.waterfalls:
            add(w.amount)
        told = {str(r) for r in found.values()}
        # What a whole with parts says are the reasons of its parts.
        for text in part.reasons if not part.parts else ():
            if text not in told:
                add(Unknown((_reason(text),)))
    return list(found.values())


def _reason(text: str) -> Reason:
    for status in TO_DO:
        if text.endswith(f" {phrase(status)}"):
            return Reason(text.removesuffix(f" {phrase(status)}"), status)
    return Reason(text, "")


def source(naming: Naming, reason: Reason) -> str:
    """Who was to bring what is not known, and by when, where the contract says."""
    if naming.contract is None:
        return ""
    built = naming.contract.built
    name = reason.what.removeprefix("the last ").partition(" ")[0]
    item = built.inputs.get(name) or built.measures.get(name)
    if item is None:
        return ""
    said = f"{naming.who(item.supplied_by)} brings it" if item.supplied_by else ""
    return said + (f" within {item.due}" if item.due and said else f"due within {item.due}" if item.due else "")


def to_do(reason: Reason) -> str:
    """What to do about it."""
    if reason.what.startswith("the last "):
        return "Open from the settlement before this one (--opening)."
    if reason.what.endswith(WITHOUT_CASES):
        return "Bring its cases beside its value, and settle again."
    return TO_DO.get(reason.status, "")


def _to_do(naming: Naming, reason: Reason) -> str:
    item = naming.contract.built.inputs.get(reason.what) if naming.contract is not None else None
    if item is not None and item.kind == "events":
        return "Bring them for the whole of it and settle again: an empty list says that there were none."
    return to_do(reason)


def undetermined(naming: Naming) -> Section:
    """The payments that could not be determined. They move nothing until they are."""
    rows = list(_rows(naming))
    told = Text("These payments move no money until what is not known is brought.", "alert") if rows else None
    return section(
        "What could not be determined", told, table(("Payment", "What is not known", "From", "What to do"), rows)
    )


def _rows(naming: Naming) -> Iterator[tuple[str, ...]]:
    for p in naming.settlement.undetermined:
        first = titled(p.title, p.name)
        found = reasons(p) or [Reason("it", "missing")]
        for reason in found[:MOST_TOLD]:
            if reason.what.startswith("whether "):
                yield first, naming.reasons([str(reason)]), "", "It is decided by what is not known beside it."
                first = ""
                continue
            name = naming.thing(reason.what)
            shown = f"{name} ({reason.what})" if name != reason.what else name
            status = f" {phrase(reason.status)}" if reason.status else ""
            yield first, sentence(f"{shown}{status}"), source(naming, reason), _to_do(naming, reason)
            first = ""
        if len(found) > MOST_TOLD:
            yield first, f"And {len(found) - MOST_TOLD:,} more.", "", ""
