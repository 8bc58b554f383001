"""What a settlement is brought, read as text by the contract's declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.oracle.agreed import Agreed
from tests.oracle.known import Datum
from tests.oracle.plain import day, number


def bring(
    agreed: Agreed, label: str, inputs: Mapping[str, Any]
) -> tuple[dict[tuple[str, str, str], Datum], dict[str, list[dict[str, Any]]]]:
    """Values by period, name and key; records by name."""
    values: dict[tuple[str, str, str], Datum] = {}
    records: dict[str, list[dict[str, Any]]] = {}
    for name, found in inputs.items():
        if name == "periods":
            for period, inner in found.items():
                for one, value in inner.items():
                    if one in agreed.decisions:
                        values |= signed(period, one, value)
                    else:
                        values |= data(agreed, period, one, value)
        elif name in agreed.inputs and "records" in agreed.inputs[name]:
            types = agreed.inputs[name]["records"]
            records[name] = [{f: read_field(agreed, types[f], t) for f, t in row.items()} for row in found]
        elif name in agreed.decisions:
            values |= signed(label, name, found)
        else:
            values |= data(agreed, label, name, found)
    return values, records


def signed(period: str, name: str, found: Any) -> dict[tuple[str, str, str], Datum]:
    """Who has said yes, or what each has said."""
    said = found if isinstance(found, Mapping) else dict.fromkeys(found, "yes")
    return {(period, name, party): Datum(word == "yes") for party, word in said.items()}


def data(agreed: Agreed, period: str, name: str, found: Any) -> dict[tuple[str, str, str], Datum]:
    said = agreed.inputs.get(name) or agreed.measures[name]
    if isinstance(found, Mapping) and not ({"value", "status"} & set(found)):
        return {(period, name, k): datum(said, v) for k, v in found.items()}
    return {(period, name, ""): datum(said, found)}


def datum(said: Mapping[str, Any], found: Any) -> Datum:
    if not isinstance(found, Mapping):
        found = {"value": found}
    status = found.get("status") or "measured"
    cases = int(found["cases"]) if found.get("cases") else None
    text = found.get("value")
    reads = said.get("reads")
    if isinstance(reads, Mapping) and text in reads:
        meant = reads[text]
        if meant in ("missing", "not applicable", "not assessable", "suppressed"):
            return Datum(None, meant, cases)
        text = meant
    if status not in ("measured", "provisional"):
        return Datum(None, status, cases)
    if text is None or text == "":
        return Datum(None, "missing", cases)
    return Datum(scalar(text, said), status, cases)


def scalar(text: str, said: Mapping[str, Any]) -> Any:
    if "one_of" in said:
        return text
    unit = said.get("unit") or said.get("reported")
    if unit == "boolean":
        return {"yes": True, "no": False, "true": True, "false": False}[text]
    if unit == "date":
        return day(text)
    value = number(text)
    if said.get("reads") == "percent points" and not text.endswith("%"):
        value /= 100
    return value


def read_field(agreed: Agreed, kind: Any, text: str) -> Any:
    if isinstance(kind, list):
        return text
    optional = kind.startswith("optional ")
    kind = kind.removeprefix("optional ")
    if optional and text == "":
        return None
    if kind in ("id", "text", "party") or kind in agreed.categories:
        return text
    if kind == "date":
        return day(text)
    if kind == "boolean":
        return text in ("yes", "true")
    return number(text)
