"""Names that rules compare facts with: a report, duty, account, payment or rule that there is none of is never met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.formula import tree as t
from alliance.contract.source_nodes import Scalar
from alliance.contract.working_days import due_day

_ANY_END = date(2026, 6, 30)


def check_told(b: Builder, patterns: Iterable[e.Pattern], absent: Iterable[e.Absence], tests: Iterable[e.Expr]) -> None:
    """A fault for each name that a test compares a fact with, of which there is none."""
    alone = [(p, tests) for p in patterns]
    for pattern, exprs in (*alone, *((a.pattern, [a.test]) for a in absent)):
        known = _known(b, pattern.kind)
        for expr in exprs if known else ():
            for field, literal in _compared(expr.node, pattern):
                if field in known:
                    _check(b, pattern.kind, field, literal, known[field], expr)


def _check(b: Builder, kind: str, field: str, literal: t.Literal, there: Collection[str], expr: e.Expr) -> None:
    value, mark = str(literal.value), b.inside(Scalar(expr.text, expr.mark), literal.span[0])
    if value not in there:
        hint = did_you_mean(value, there) or (one_of(there) if there else "")
        what = "report that is due by a day" if field == "name" else field
        b.fault("AC172", mark, f'{kind}: there is no {what} "{value[:60]}", so this would never be so.', hint)
    elif field == "name" and due_day(_reports(b)[value], _ANY_END, b.document.contract.working_days or "") is None:
        message = f'{value} is due "{_reports(b)[value]}", from which nobody can tell whether it is late.'
        b.fault("AC172", mark, message, "Say how long after the period: due: 20 working days.")


def _known(b: Builder, kind: str) -> Mapping[str, Collection[str]]:
    """What the names of a kind of fact may be, by field."""
    rules = b.document.rules
    if kind == "reports":
        return {"name": list(_reports(b))}
    if kind == "duties":
        duties = [str(c.require) for r in rules for c in r.then if c.require]
        return {"duty": duties, "rule": [str(r.rule) for r in rules]}
    if kind == "balances":
        return {"account": list(b.accounts)}
    if kind == "withheld":
        return {"rule": [str(r.rule) for r in rules], "payment": list(b.payments)}
    return {}


def _reports(b: Builder) -> Mapping[str, str]:
    """What is to be reported by a day, with when it is due."""
    figures = {n: i.due for n, i in b.inputs.items() if i.fields is None and i.due}
    measures = (m for m in b.measures.values() if m.ratio is None and m.counted is None and m.derived is None)
    return {**figures, **{m.name: m.due for m in measures if m.due}}


def _compared(node: t.Node, pattern: e.Pattern) -> Iterable[tuple[str, t.Literal]]:
    """The fields of a pattern that a formula compares with a fixed text, each with the text."""
    for part in node.walk():
        if isinstance(part, t.Compare) and part.op == "=":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                field = _field(one, pattern)
                if field and isinstance(other, t.Literal):
                    yield field, other
        elif isinstance(part, t.IsIn) and (field := _field(part.item, pattern)):
            yield from ((field, option) for option in part.options if isinstance(option, t.Literal))


def _field(node: t.Node, pattern: e.Pattern) -> str:
    """The name of the pattern's field that a node is; nothing where it is another thing."""
    if not isinstance(node, t.Ref):
        return ""
    if pattern.alias:
        return (node.attribute or "") if node.kind == "fact" and node.name == pattern.alias else ""
    return node.name if node.kind == "field" and node.name in pattern.fields else ""
