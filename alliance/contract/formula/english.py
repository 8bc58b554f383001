"""Plain English: a checked tree read out for a person, with brackets only where they are needed.

What each name is called comes from the caller, as a mapping from names to titles. Titles are put inside the sentence
(`Expected spend` becomes `expected spend`); parties keep their names as they are, and payments and whatever is true or
false stand in quotation marks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from alliance.contract.calendar import day_text
from alliance.contract.english import words as w
from alliance.contract.english.naming import Naming
from alliance.contract.formula import tree as t
from alliance.contract.units import Unit, with_article

THE_GROUP = ""
"""The key under which a caller may name the records in hand, for `sum(...)` that does not say what it goes through."""

_PARTY = "party"
_COMPARED = {"=": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_CURVED = {"exp": "e to the power of", "ln": "the natural logarithm of", "sqrt": "the square root of"}
_DATED = _COMPARED | {"<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after"}


def english(node: t.Node, names: Mapping[str, str], *, currency: str = "", text: str = "") -> str:
    """A checked tree in plain English.

    `names` maps the names of a contract to their titles; a name without one is read as words. `text` is the formula
    that the tree came from, so that durations are said as they were written.

    >>> from alliance.contract.formula.parse import parse
    >>> english(parse("60% * (3 + 4)"), {})
    '60% of (3 plus 4)'
    """
    return Speaker(names, currency)(node, text)


@dataclass(frozen=True, slots=True)
class _Said:
    """Words, and what kind of phrase they make, which decides where they need brackets."""

    text: str
    shape: str = "atom"

    def within(self, *loose: str) -> str:
        """The words, in brackets if they are of a shape that would run into its surroundings."""
        return f"({self.text})" if self.shape in loose else self.text


class Speaker(Naming):
    """Reads trees out under one set of names."""

    def __init__(
        self,
        names: Mapping[str, str],
        currency: str = "",
        apart: Collection[str] = (),
        called: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(names, apart, called)
        self.currency = currency
        self._text, self._whole = "", cast(t.Node, None)

    def __call__(self, node: t.Node, text: str = "") -> str:
        """The words of a tree. `text` is the formula that it came from."""
        self._text, self._whole = text, node
        return self._say(node).text

    # nodes

    def _say(self, node: t.Node) -> _Said:
        return cast(_Said, getattr(self, "_" + type(node).__name__.lower())(node))

    def _literal(self, node: t.Literal) -> _Said:
        value, kind = node.value, node.unit.kind if node.unit else ""
        if isinstance(value, bool):
            return _Said("yes" if value else "no")
        if isinstance(value, date):
            return _Said(day_text(value))
        if isinstance(value, str):
            party = kind == "category" and node.unit is not None and node.unit.name == _PARTY
            return _Said(self.title(value) if party else w.quoted(value) if kind == "text" else w.spaced(value))
        if kind in ("days", "months") and self._text:
            return _Said(" ".join(self._text[node.span[0] : node.span[1]].replace("_", "").split()))
        said = w.value_text(value, kind, self.currency)
        per = node.unit.per if node.unit else ""
        return _Said(f"{said} {with_article(w.spaced(per))}" if per else said)

    def _name(self, node: t.Name) -> _Said:
        return _Said(self.phrase(node.name) + (f" ({w.spaced(node.attribute)})" if node.attribute else ""))

    def _ref(self, node: t.Ref) -> _Said:
        if node.unit is not None and node.unit.kind == "boolean":
            return _Said(self.truth(node), "truth")
        said = self.reference(node)
        if said == self.phrase(node.name) and node is not self._whole and w.tricky(said):
            said = w.quoted(self.title(node.name))
        return _Said(said)

    def _by(self, node: t.By) -> _Said:
        key = node.key
        said = self._say(key).text
        if isinstance(key, t.Ref) and key.kind not in ("binding", "field"):
            kind = key.unit.name if key.unit is not None and key.unit.kind == "category" else ""
            said = f"the {w.spaced(kind) if kind and kind != _PARTY else said} given"
        elif isinstance(key, t.Ref) and key.kind == "field":
            said = f"the record's {said}"
        return _Said(f"{self._say(node.ref).text} for {said}")

    def _on(self, node: t.On) -> _Said:
        inner = node.ref.ref if isinstance(node.ref, t.By) else node.ref
        yearly = isinstance(inner, t.Ref) and node.unit is not None and node.unit.per == "year"
        before = "the yearly rate of " if yearly else ""
        day = self._say(node.date).text
        field = isinstance(node.date, t.Ref) and node.date.kind == "field"
        when = f"the date {w.quoted(day)}" if field else day
        return _Said(f"{before}{self._say(node.ref).text} as it stood on {when}", "call")

    # arithmetic

    def _arithmetic(self, node: t.Arithmetic) -> _Said:
        if node.op in "+-":
            return self._dated(node) or self._sum(node)
        return self._product(node)

    def _dated(self, node: t.Arithmetic) -> _Said | None:
        kinds = tuple(n.unit.kind if n.unit else "" for n in (node.left, node.right))
        if "date" not in kinds:
            return None
        left, right = self._say(node.left), self._say(node.right)
        if kinds == ("date", "date"):
            return _Said(f"the time from {right.within('loose')} to {left.within('loose')}", "call")
        day, length = (right, left) if kinds[1] == "date" else (left, right)
        where = "after" if node.op == "+" else "before"
        return _Said(f"{length.within('sum', 'choice')} {where} {day.within('choice')}", "call")

    def _sum(self, node: t.Arithmetic) -> _Said:
        parts: list[tuple[str, _Said]] = []
        left: t.Node = node
        while isinstance(left, t.Arithmetic) and left.op in "+-" and self._dated(left) is None:
            right = _Said("", "none") if _nothing(left.right) else self._say(left.right)
            parts.append((" plus " if left.op == "+" else " less ", right))
            left = left.left
        parts.append(("", self._say(left)))
        parts.reverse()
        parts = [parts[0], *(p for p in parts[1:] if p[1].shape != "none")]
        if len(parts) == 1:
            return parts[0][1]
        said = ""
        for index, (word, part) in enumerate(parts):
            loose = ["sum", "choice", "records", "product", "negative"]
            if index < len(parts) - 1:
                loose.append("call")
                if parts[index + 1][1].shape != "share":
                    loose.append("share")
            said += word + part.within(*(loose if index else loose[:-1] if part.shape == "negative" else loose))
        return _Said(said, "sum")

    def _product(self, node: t.Arithmetic) -> _Said:
        left, right = node.left, node.right
        if node.op == "*":
            for share, other in ((left, right), (right, left)):
                if isinstance(share, t.Literal) and share.unit is not None and share.unit.kind == "percent":
                    of = self._say(other).within("sum", "choice", "records", "negative")
                    return _Said(f"{self._say(share).text} of {of}", "share")
        first, second = self._say(left), self._say(right)
        loose = ("sum", "choice", "records", "call", "negative")
        divided = isinstance(left, t.Arithmetic) and left.op == "/"
        before = first.within(*loose, "product") if divided else first.within(*loose)
        after = second.within(*loose, "product", "share")
        comma = "," if _long(before) else ""
        return _Said(f"{before}{comma} {'times' if node.op == '*' else 'divided by'} {after}", "product")

    def _negative(self, node: t.Negative) -> _Said:
        of = self._say(node.of)
        if isinstance(node.of, t.Literal):
            return _Said(f"-{of.text}")
        return _Said(f"minus {of.within('sum', 'choice', 'records', 'product', 'negative', 'call')}", "negative")

    # truth

    def _compare(self, node: t.Compare) -> _Said:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, t.Literal) and isinstance(other.value, bool):
                return self._say(side) if other.value is (node.op == "=") else self._not_said(side)
        left, right = self._say(node.left), self._say(node.right)
        dated = node.left.unit is not None and node.left.unit.kind == "date"
        verb = (_DATED if dated else _COMPARED)[node.op]
        if _several(node.left, left.text):
            verb = "are" + verb[2:]
        return _Said(f"{left.within('choice')} {verb} {right.within('choice')}", "truth")

    def _isin(self, node: t.IsIn) -> _Said:
        options = [self._listed(o) for o in node.options]
        item = self._say(node.item).within("choice")
        verb = "are" if _several(node.item, item) else "is"
        if len(options) == 1:
            return _Said(f"{item} {verb}{' not' if node.negated else ''} {options[0]}", "truth")
        if node.negated:
            none = f"neither {options[0]} nor {options[1]}" if len(options) == 2 else f"none of {w.joined(options)}"
            return _Said(f"{item} {verb} {none}", "truth")
        return _Said(f"{item} {verb} {w.joined(options, 'or')}", "truth")

    def _logic(self, node: t.Logic) -> _Said:
        items = [self._say(i).within("logic", "choice") for i in node.items]
        return _Said(w.joined(items, node.op), "logic")

    def _not(self, node: t.Not) -> _Said:
        return self._not_said(node.of)

    def _not_said(self, of: t.Node) -> _Said:
        if isinstance(of, t.Ref):
            return _Said(self.truth(of, holds=False), "truth")
        return _Said(f"it is not so that {self._say(of).within('logic', 'choice')}", "truth")

    def _isknown(self, node: t.IsKnown) -> _Said:
        of = node.of
        truth = isinstance(of, t.Ref) and of.unit is not None and of.unit.kind == "boolean"
        if isinstance(of, t.Ref) and truth:
            said = w.spaced(of.name) if of.kind == "field" else w.quoted(self.title(of.name))
        else:
            said = self._say(of).within("choice", "truth", "logic")
        verb = "are" if _several(of, said) else "is"
        return _Said(f"{said} {verb} {'not ' if node.negated else ''}known", "truth")

    # choices

    def _ifelse(self, node: t.IfElse) -> _Said:
        said: list[str] = []
        one: t.Node = node
        while isinstance(one, t.IfElse):
            said.append(f"{self._chosen(one.then, node.unit)} if {self._say(one.test).within('choice')}")
            one = one.otherwise
        return _Said(", ".join([*said, f"otherwise {self._chosen(one, node.unit)}"]), "choice")

    def _chosen(self, node: t.Node, unit: Unit | None) -> str:
        if isinstance(node, t.Literal) and node.value == 0 and not isinstance(node.value, bool) and unit is not None:
            return "nothing" if unit.kind in ("money", "zero") else w.value_text(0, unit.kind)
        return self._say(node).within("choice")

    def _fallback(self, node: t.Fallback) -> _Said:
        items: list[t.Node] = []
        one: t.Node = node
        while isinstance(one, t.Fallback):
            items.append(one.first)
            one = one.second
        if len(items) == 1:
            first = self._chosen(items[0], node.unit)
            return _Said(f"{first}, or {self._chosen(one, node.unit)} when that is not known", "choice")
        listed = w.joined([self._listed(i) for i in (*items, one)])
        return _Said(f"the first that is known of {listed}", "choice")

    # functions

    def _listed(self, node: t.Node) -> str:
        """One of a list: in brackets unless it is plain, and set apart where it would be taken for two of them."""
        said = self._say(node)
        if said.shape != "atom":
            return f"({said.text})"
        two = isinstance(node, t.Ref) and (" and " in said.text or " or " in said.text)
        return w.quoted(said.text) if two else said.text

    def _call(self, node: t.Call) -> _Said:
        function, first = node.function, node.arguments[0]
        if function in ("min", "max"):
            return self._extreme(node)
        if function == "clamp":
            low, high = (self._listed(a) for a in node.arguments[1:])
            held = self._say(first).within("sum", "product", "share", "choice", "negative")
            return _Said(f"{held}, held between {low} and {high}", "choice")
        said = self._say(first).within("sum", "product", "share", "choice", "negative", "records")
        if function == "abs":
            return _Said(f"the size of {said}", "call")
        if function in _CURVED:
            return _Said(f"{_CURVED[function]} {said}", "call")
        if function in ("month", "year"):
            return _Said(f"the {function} of {said}", "call")
        if function == "days":
            literal = isinstance(first, t.Literal) and not isinstance(first.value, (bool, str, date))
            return _Said(w.duration_text(cast(int, first.value)) if literal else f"{said} as days", "call")  # type: ignore[attr-defined]
        places = cast(int, node.arguments[1].value) if len(node.arguments) > 1 else 0  # type: ignore[attr-defined]
        how = {"round": "rounded", "round_down": "rounded down", "round_up": "rounded up"}[function]
        to = w.counted(places, "decimal place") if places else "a whole number"
        return _Said(f"{said} {how} to {to}", "call")

    def _extreme(self, node: t.Call) -> _Said:
        dated = node.unit is not None and node.unit.kind == "date"
        words = ("earlier", "earliest", "later", "latest") if dated else ("smaller", "smallest", "larger", "largest")
        word = words[(node.function == "max") * 2 + (len(node.arguments) > 2)]
        return _Said(f"the {word} of {w.joined(self._listed(a) for a in node.arguments)}", "call")

    def _aggregate(self, node: t.Aggregate) -> _Said:
        over = self._through(node)
        where = f" where {self._say(node.where).text}" if node.where is not None else ""
        if node.value is None:
            return _Said(f"the number of {over}{where}", "records" if where else "atom")
        value = self._say(node.value)
        of = f"({value.text})" if value.shape != "atom" else value.text
        dated = node.unit is not None and node.unit.kind == "date"
        least, most = ("earliest", "latest") if dated else ("smallest", "largest")
        word = {"sum": "total", "mean": "average", "min": least, "max": most}[node.function]
        every = over if not node.over or over.startswith("the records") else f"all {over}"
        return _Said(f"the {word} of {of} over {every}{where}", "records")

    def _through(self, node: t.Aggregate) -> str:
        """What is gone through: records by their title, otherwise every party of a role or option of a category."""
        if not node.over:
            return self.names.get(THE_GROUP, "the records in hand")
        parts: Iterable[t.Node] = [n for part in (node.value, node.where) if part is not None for n in part.walk()]
        records = any(isinstance(n, t.Ref) and n.kind == "field" for n in parts)
        said = self.phrase(node.over)
        if w.is_plural(said):
            return said
        return f"the records of {said}" if records else w.members_of(said)

    def _history(self, node: t.History) -> _Said:
        inner = node.ref.ref if isinstance(node.ref, t.By) else node.ref
        said = self._say(node.ref).text
        if isinstance(inner, t.Ref) and inner.unit is not None and inner.unit.kind == "boolean":
            said = w.quoted(self.title(inner.name))
            return _Said(f"{said} held when it was last final", "truth")
        if node.function == "so_far":
            return _Said(f"the total of {said} over the earlier periods of the year", "records")
        return _Said(f"the last final figure of {said.removeprefix('the value of ')}", "call")


def _nothing(node: t.Node) -> bool:
    """Whether something added or taken off is always nothing, as where a pack is given no such part."""
    if isinstance(node, t.Arithmetic) and node.op == "*":
        return _nothing(node.left) or _nothing(node.right)
    return isinstance(node, t.Literal) and node.value == 0 and not isinstance(node.value, bool)


def _several(node: t.Node, said: str) -> bool:
    """Whether the subject of a sentence is a plural name of the contract."""
    inner = node.ref if isinstance(node, t.By) else node
    kinds = ("term", "input", "figure", "field", "period")
    return isinstance(inner, t.Ref) and inner.kind in kinds and w.is_plural(said)


def _long(text: str) -> bool:
    """Whether words before an operator need a pause to be told from it."""
    return text.count(" ") > 2 and not text.endswith((")", "”"))
