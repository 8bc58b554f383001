"""Reading formulas: the tree that is made, and what is said where none can be."""

from __future__ import annotations

import time
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alliance.contract.formula import tree as t
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.parse import MAX_BRACKETS, MAX_DEPTH, MAX_LENGTH, MAX_NODES, parse
from alliance.contract.units import BOOLEAN, COUNT, DATE, DAYS, MONTHS, PERCENT, TEXT, ZERO, Unit

MISSING = "An operator such as + - * / is missing before it."


def shown(node: object) -> str:
    """A tree in brackets: `(+ a (* b 2))`."""
    if isinstance(node, t.Literal):
        return f"'{node.value}'" if isinstance(node.value, str) else str(node.value)
    if isinstance(node, t.Name):
        return f"{node.name}.{node.attribute}" if node.attribute else node.name
    assert isinstance(node, t.Node)
    match node:
        case t.Arithmetic(op=op) | t.Compare(op=op) | t.Logic(op=op):
            head = op
        case t.Call(function=name) | t.History(function=name):
            head = name
        case t.Aggregate(function=name, over=over):
            head = f"{name} for {over}"
        case t.IsKnown(negated=negated):
            head = "missing" if negated else "known"
        case t.IsIn(negated=negated):
            head = "not in" if negated else "in"
        case _:
            head = type(node).__name__.lower()
    return f"({' '.join([head, *map(shown, node.parts())])})"


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5", 5, COUNT),
        ("0", 0, ZERO),
        ("0.00", 0, ZERO),
        ("6_000_000.50", Fraction(12_000_001, 2), COUNT),
        ("12.2%", Fraction(61, 500), PERCENT),
        ("100 %", 1, PERCENT),
        ("500.00 GBP", 500, Unit("money", name="GBP")),
        ("30 days", 30, DAYS),
        ("1 day", 1, DAYS),
        ("48 hours", 2, DAYS),
        ("2 weeks", 14, DAYS),
        ("18 months", 18, MONTHS),
        ("2 years", 24, MONTHS),
        ("2026-04-01", date(2026, 4, 1), DATE),
        ('"a b"', "a b", TEXT),
        ("'a'", "a", TEXT),
        ("true", True, BOOLEAN),
        ("no", False, BOOLEAN),
    ],
)
def test_a_literal(text: str, value: object, unit: Unit) -> None:
    node = parse(text)
    assert isinstance(node, t.Literal)
    assert (node.value, node.unit, node.span) == (value, unit, (0, len(text)))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c", "(+ a (* b c))"),
        ("a - b - c", "(- (- a b) c)"),
        ("-a * b", "(* (negative a) b)"),
        ("+a", "a"),
        ("2% of a + b", "(+ (* 1/50 a) b)"),
        ("5% of 2% of a", "(* 1/20 (* 1/50 a))"),
        ("a / b of c", "(/ a (* b c))"),
        ("(a + b) / c", "(/ (+ a b) c)"),
        ("a.value >= 5", "(>= a.value 5)"),
        ("a == b", "(= a b)"),
        ("a and b and not c or d", "(or (and a b (not c)) d)"),
        ("not not a", "(not (not a))"),
        ("a in (b, c)", "(in a b c)"),
        ("a not in [b]", "(not in a b)"),
        ("a is known", "(known a)"),
        ("a is missing", "(missing a)"),
        ("a is not known", "(missing a)"),
        ("a is not missing", "(known a)"),
        ("a if b else c if d else e", "(ifelse a b (ifelse c d e))"),
        ("a else b else c", "(fallback a (fallback b c))"),
        ("a by b", "(by a b)"),
        ("a by b on 2026-04-01", "(on (by a b) 2026-04-01)"),
        ("a by (b + c)", "(by a (+ b c))"),
        ("max(a, b)", "(max a b)"),
        ("round(a, 2)", "(round a 2)"),
        ("clamp(a, 0, 1)", "(clamp a 0 1)"),
        ("max(a)", "(max for  a)"),
        ("min(a for b)", "(min for b a)"),
        ("sum(a for b where c)", "(sum for b a c)"),
        ("sum(a where c)", "(sum for  a c)"),
        ("mean(a)", "(mean for  a)"),
        ("count(a)", "(count for a)"),
        ("count(a where b > 0)", "(count for a (> b 0))"),
        ("count()", "(count for )"),
        ("count(where a)", "(count for  a)"),
        ("last(a.score) + so_far(b)", "(+ (last a.score) (so_far b))"),
        # words of the language are whole words
        ("orange + android", "(+ orange android)"),
        ("island if iffy else elsewhere", "(ifelse island iffy elsewhere)"),
        ("forward * nothing", "(* forward nothing)"),
        ("a\n+\tb", "(+ a b)"),
        ("of", "of"),
        ("'1,000'", "'1,000'"),
    ],
)
def test_a_tree(text: str, tree: str) -> None:
    assert shown(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        ("", 0, "a formula is missing here.", ""),
        (" \n", 0, "a formula is missing here.", ""),
        ("a b", 2, '"b" is not expected here.', MISSING),
        ("a orange", 2, '"orange" is not expected here.', MISSING),
        ("1 fortnight", 2, '"fortnight" is not expected here.', MISSING),
        ("a +", 3, "the formula ends too soon.", "Something is missing at its end."),
        ("(a", 0, "the bracket that opens here is not closed.", "Close it."),
        ("max(a, (b", 7, "the bracket that opens here is not closed.", "Close it."),
        ("max(a, '(' = b", 3, "the bracket that opens here is not closed.", "Close it."),
        ("a)", 1, "the bracket that closes here was not opened.", "Remove it, or open it."),
        ("max(a,)", 6, '")" is not expected here.', ""),
        ("a < b < c", 6, '"<" is a second comparison.', 'Write two, joined with "and": a < x and x < b.'),
        ("a <> b", 2, '"<>" is not a comparison.', 'Write "!=".'),
        ("a => b", 2, '"=>" is not a comparison.', 'Write ">=".'),
        ("a =< b", 2, '"=<" is not a comparison.', 'Write "<=".'),
        ("a < > b", 4, '">" is a second comparison.', 'Write two, joined with "and": a < x and x < b.'),
        ("if a then b", 3, '"a" is not expected here.', 'Write "a if condition else b".'),
        ("a then b", 2, '"then" is not expected here.', 'Write "a if condition else b".'),
        ("a is b", 5, '"b" is not expected here.', 'After "is" comes known or missing; otherwise compare with "=".'),
        ("a in b", 5, '"b" is not expected here.', 'After "in" comes a list in brackets: kind in (gas, water).'),
        ("a ** b", 3, '"*" is not expected here.', "Powers are not part of the language; multiply instead."),
        ("a ^ 2", 2, '"^" is not expected here.', "Powers are not part of the language; multiply instead."),
        ("5.", 1, '"." is not expected here.', "Leave the full stop out, or write the decimals after it."),
        ("a.b.c", 3, '"." is not expected here.', ""),
        ("'a", 0, '"\'" is not expected here.', "The text is not closed by another quote."),
        ("£500", 0, '"£" is not expected here.', 'Write sums of money as "500.00 GBP".'),
        ("a; b", 1, '";" is not expected here.', ""),
        ("1,000", 0, '"1,000" has commas in it.', "Write 1_000; between two values put a space after the comma."),
        (
            "max(1,000, 2)",
            4,
            '"1,000" has commas in it.',
            "Write 1_000; between two values put a space after the comma.",
        ),
        (
            "2026-4-1",
            0,
            '"2026-4-1" is not a date. Write month and day with two digits: 2026-04-01.',
            "",
        ),
        ("x on 2026-02-30", 5, '"2026-02-30" is not a date: February 2026 has 28 days.', ""),
        ("1__0", 0, '"1__0" is not a number. An underscore may only stand between two digits.', ""),
        ("5 + ١٢", 4, '"١٢" is not a number. Write it with the digits 0 to 9 only.', ""),
        ("1.5 months", 0, "months are counted whole.", "Write whole months, or days."),
        ("foo(a)", 0, '"foo" is not a function.', None),
        ("coun(a)", 0, '"coun" is not a function.', 'Did you mean "count"?'),
        ("abs(a, b)", 0, "abs() takes one value, not 2.", ""),
        ("round(a, 1, 2)", 0, "round() takes 1 to 2 values, not 3.", ""),
        ("clamp(a)", 0, "clamp() takes 3 values, not 1.", ""),
        (
            "abs(a for b)",
            0,
            '"for" and "where" belong in sum, count, mean, min, max, not in abs().',
            "Take the sum, count or mean of the records first.",
        ),
        ("sum(a, b)", 0, "sum() over records takes one value.", "Add its parts up inside: sum(a + b for records)."),
        ("sum()", 0, "sum() needs a value to go through.", "Write sum(cost for visits)."),
        ("max(where a)", 0, "max() needs a value to go through.", "Write max(cost for visits)."),
        ("count(a.b)", 0, "count() takes the name of records: count(discharges where palliative).", ""),
        ("count(a for b)", 0, "count() takes the name of records: count(discharges where palliative).", ""),
        ("last(a, b)", 0, "last() takes one name.", ""),
        ("last(a where b)", 0, "last() takes one name.", ""),
        ("a" * 50 + " " + "b" * 50, 51, f'"{"b" * 39}…" is not expected here.', MISSING),
    ],
)
def test_a_formula_that_cannot_be_read(text: str, at: int, message: str, hint: str | None) -> None:
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert (error.value.at, error.value.message) == (at, message)
    assert hint is None or error.value.hint == hint
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * (MAX_LENGTH + 1), "the formula is 4,001 characters long; at most 4,000 are read."),
        ("(" * (MAX_BRACKETS + 1), "brackets are nested more than 60 deep."),
        (" - " * MAX_DEPTH + "a", "the parts of the formula are nested more than 120 deep."),
        (" + ".join(["a"] * (MAX_DEPTH + 1)), "the parts of the formula are nested more than 120 deep."),
        (f"max({', '.join(['a * (b + c * (d - e))'] * 100)})", "the formula has too many parts (at most 600)."),
    ],
)
def test_a_formula_that_is_too_much(text: str, message: str) -> None:
    started = time.perf_counter()
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert error.value.message == message
    assert time.perf_counter() - started < 2


def test_a_formula_near_the_limits() -> None:
    assert parse("(" * MAX_BRACKETS + "a" + ")" * MAX_BRACKETS) == parse(" " * MAX_BRACKETS + "a")
    assert shown(parse("- " * (MAX_DEPTH - 1) + "a")).count("negative") == MAX_DEPTH - 1
    assert len(list(parse(f"max({', '.join(['a + b'] * 20)})").walk())) < MAX_NODES


def test_a_tree_can_be_walked() -> None:
    node = parse("a + last(b) * sum(c for d where e)")
    assert [n.name for n in node.walk() if isinstance(n, t.Name)] == ["a", "b", "c", "e"]
    assert t.replaced(parse("a"), name="b") == t.Name((0, 1), None, "b", "")


words = st.sampled_from(
    [
        "a",
        "b.c",
        "5",
        "0",
        "12.2%",
        "3",
        "GBP",
        "30",
        "days",
        "2",
        "months",
        "2026-04-01",
        "'x'",
        "(",
        ")",
        "[",
        "]",
        ",",
        "+",
        "-",
        "*",
        "/",
        "of",
        "=",
        "<",
        ">=",
        "and",
        "or",
        "not",
        "in",
        "is",
        "known",
        "missing",
        "if",
        "else",
        "by",
        "on",
        "sum(",
        "count(",
        "max(",
        "last(",
        "for",
        "where",
        "true",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(words, max_size=25).map(" ".join)))
@example("\x00")
@example("￿ \ud800")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except FormulaError as error:
        assert 0 <= error.at <= len(text)
        assert error.message.rstrip().endswith((".", ")", "]"))
    else:
        assert isinstance(node, t.Node)
        for part in node.walk():
            assert 0 <= part.span[0] < part.span[1] <= len(text)
