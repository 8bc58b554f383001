"""Writes the pages that are taken from the code: `python -m docs.generate`. A test fails when they are out of date.

Which keys there are, what they take and what stands where they are left out is asked of the models. What they mean is
in `words.yaml`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Tag, WithJsonSchema

from alliance.contract.build.builder import RESERVED
from alliance.contract.build.measures import WINDOWS
from alliance.contract.model import base
from alliance.contract.model.document import Document
from alliance.contract.model.paid import OPERATIONS
from alliance.contract.model.ruled import Pack, Use
from alliance.contract.packs import read_pack, shipped
from alliance.reports.packs import KINDS, left_out_of

HERE = Path(__file__).parent
MADE = "<!-- Written by docs/generate.py: change words.yaml or the models, and run `python -m docs.generate`. -->"
WORDS: dict[str, Any] = yaml.safe_load((HERE / "words.yaml").read_text("utf-8"))
CATALOGUES = {
    "alliance.contract.source": "Reading the file of a contract",
    "alliance.contract.codes": "What a contract says",
    "alliance.settlement.codes": "What a settlement is brought",
    "alliance.data.codes": "Files of results",
    "alliance.measures.codes": "Instruments, answers and FHIR reports",
    "alliance.cli.codes": "Commands",
}
TYPES = (
    (base.Text, "words", "words"),
    (base.Name, "a name", "names"),
    (base.Formula, "a formula", "formulas"),
    (base.Flag, "`true` or `false`", "`true` or `false`"),
    (base.Exact, "a number or percentage", "numbers"),
    (base.Attribute, "`true`, `false` or a number", "`true`, `false` or a number"),
    (base.Day, "a date", "dates"),
    (base.MonthDay, "a day of the year, as `04-01`", "days of the year"),
)


def models() -> dict[str, type[base.Part]]:
    """Every part of a contract file by the name of its model, found by following the types of keys down."""
    found: dict[str, type[base.Part]] = {}
    waiting: list[Any] = [Document, Use, Pack]
    while waiting:
        one = waiting.pop(0)
        if not (isinstance(one, type) and issubclass(one, base.Part)):
            waiting += typing.get_args(one)
        elif one.__name__ not in found:
            found[one.__name__] = one
            waiting += types_of(one).values()
    return found


def types_of(model: type[base.Part]) -> dict[str, Any]:
    """The keys of a part as a file writes them, with their types."""
    types = typing.get_type_hints(model, include_extras=True)
    return {field.alias or name: types[name] for name, field in model.model_fields.items() if name != "at"}


def takes(kind: Any, many: bool = False) -> str:
    """What a key takes, in plain words."""
    if typing.get_origin(kind) is typing.Annotated:
        kept = [m for m in kind.__metadata__ if not isinstance(m, Tag)]
        kind = Annotated[kind.__origin__, *kept] if kept else kind.__origin__
    for known, one, several in TYPES:
        if kind == known:
            return several if many else one
    if isinstance(kind, type) and issubclass(kind, base.Part):
        said = next(p["called"] for p in WORDS["parts"] if p["part"] == kind.__name__).split(", ")
        return f"[{said[-1] if many else said[0]}](#part-{kind.__name__.lower()})"
    arguments = [a for a in typing.get_args(kind) if a is not type(None)]
    if typing.get_origin(kind) is typing.Annotated:
        schema = next((m.json_schema for m in kind.__metadata__ if isinstance(m, WithJsonSchema)), None) or {}
        return any_of(schema["enum"]) if "enum" in schema else takes(arguments[0], many)
    if typing.get_origin(kind) is list:
        return f"a list of {takes(arguments[0], many=True)}"
    if typing.get_origin(kind) is dict:
        return f"a mapping of {takes(arguments[0], many=True)} to {takes(arguments[1], many=True)}"
    if not arguments:
        raise TypeError(f"words.yaml must say what a key takes that the model leaves open: {kind}")
    return ", or ".join(dict.fromkeys(takes(a, many) for a in arguments))


def any_of(words: typing.Iterable[str]) -> str:
    """Words to choose from: `gain` or `loss`."""
    *some, last = [f"`{word}`" for word in words]
    return f"{', '.join(some)} or {last}" if some else last


def left_out(value: Any) -> str:
    """What stands where a key is left out."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, tuple):
        return f"`{value[0]:02d}-{value[1]:02d}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def keys(part: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The keys of a part in the order of its model: each with what it takes, what stands where it is left out, and what
    it means."""
    model = models()[part["part"]]
    types = types_of(model)
    for key, said in part.get("read_first", {}).items():
        yield key, said["takes"], "", said["means"]
    for name, field in model.model_fields.items():
        if name == "at":
            continue
        key = field.alias or name
        said = part["keys"].get(key)
        if said is None:
            raise KeyError(f"words.yaml says nothing of the key {key} of {part['part']}")
        words = said if isinstance(said, Mapping) else {"means": said}
        default = "needed" if field.is_required() else left_out(field.get_default(call_default_factory=True))
        yield key, words.get("takes") or takes(types[key]), words.get("default", default), words["means"]


def language() -> str:
    """The page of every key."""
    blanks = {"operations": ", ".join(f"`{o}`" for o in OPERATIONS), "windows": any_of(WINDOWS)}
    lines = [MADE, "", "# The language, key by key", "", WORDS["language"], ""]
    for part in WORDS["parts"]:
        lines += [f"(part-{part['part'].lower()})=", f"## {part['heading']}", ""]
        lines += [filled(part["about"], blanks), ""] if "about" in part else []
        rows = ((f"`{key}`", *rest) for key, *rest in keys(part))
        lines += table(("key", "takes", "left out", "meaning"), (tuple(filled(c, blanks) for c in row) for row in rows))
    lines += ["## Names", "", WORDS["names"].format(reserved=", ".join(f"`{w}`" for w in sorted(RESERVED))), ""]
    for title, key in (
        ("Units", "units"),
        ("Types of fields", "fields"),
        ("Statuses", "statuses"),
        ("Ways of sharing", "sharing"),
    ):
        rows = ((any_of(spellings(key, written)), meaning) for written, meaning in WORDS[key].items())
        lines += [f"## {title}", "", *table(("written", "meaning"), rows)]
    return "\n".join(lines)


def spellings(key: str, written: str) -> list[str]:
    """The ways of writing one thing that a line of `words.yaml` gives."""
    return [written] if key == "sharing" or written.startswith("[") else written.split(", ")


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """A text with the lists that come from the code, named in braces, put in."""
    for name, words in blanks.items():
        text = text.replace("{" + name + "}", words)
    return text


def table(head: tuple[str, ...], rows: typing.Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table, with an empty line after it."""
    return [*(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)), ""]


def catalogue() -> dict[str, dict[str, str]]:
    """The codes of faults, by the module that keeps them."""
    there = [name for name in CATALOGUES if find_spec(name) is not None]
    return {name: dict(import_module(name).CODES) for name in there}


def faults() -> str:
    """The page of every fault."""
    lines = [MADE, "", "# Faults", "", WORDS["faults"], ""]
    for name, codes in catalogue().items():
        rows = ((f"`{code}`", title) for code, title in sorted(codes.items()))
        lines += [f"## {CATALOGUES[name]}", "", *table(("code", "what is wrong"), rows)]
    return "\n".join(lines)


def packs() -> str:
    """The page of the packs that come with the package."""
    lines = [MADE.replace("change words.yaml or the models", "change the packs"), "", "# Packs of rules", ""]
    lines += [WORDS["packs"], ""]
    found = [read_pack(one.path, f"rules/{one.name}/pack.yaml")[0] for one in shipped()]
    lines += table(("pack", "what it is"), ((f"[`{p.pack}`](#pack-{p.pack})", str(p.title)) for p in found))
    for p in found:
        lines += [f"(pack-{p.pack})=", f"## {p.title}", "", f"`use: {p.pack}`, version {p.version}", ""]
        lines += [str(p.about).strip(), ""]
        rows = ((f"`{n}`", KINDS[str(x.is_)], left_out_of(x), _asked(x)) for n, x in p.parameters.items())
        lines += table(("parameter", "is", "left out", "what it is"), rows)
    return "\n".join(lines)


def _asked(parameter: Any) -> str:
    """What a parameter is, with the fields that events must have."""
    fields = ", ".join(f"`{name}` ({kind})" for name, kind in parameter.fields.items())
    return f"{parameter.title}" + (f". Fields: {fields}" if fields else "")


PAGES = {"language.md": language, "faults.md": faults, "packs.md": packs}


def pages() -> dict[Path, str]:
    """Every page that is written, by its place."""
    return {HERE / "reference" / name: write().rstrip() + "\n" for name, write in PAGES.items()}


def main() -> None:
    for place, text in pages().items():
        place.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
