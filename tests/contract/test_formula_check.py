"""Checking formulas: what names stand for, and the unit of every node. What is refused is in `wrong/formulas.yaml`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract import units as u
from alliance.contract.formula import tree as t
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.check import check
from alliance.contract.formula.parse import parse
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol
from alliance.contract.units import Unit

LEVEL = Unit("category", options=("low", "high"), name="level")
PARTIES = Unit("category", options=("north", "south"), name=PARTY)
PLACE = Unit("money", "place")


def symbol(kind: str, name: str, unit: Unit, by: str = "", keys: tuple[str, ...] = ()) -> Symbol:
    return Symbol(kind, name, unit, by, keys)


FIELDS = {
    "cost": symbol("field", "cost", u.MONEY),
    "who": symbol("field", "who", PARTIES),
    "day": symbol("field", "day", u.DATE),
    "ok": symbol("field", "ok", u.BOOLEAN),
    "kind": symbol("field", "kind", LEVEL),
}
SYMBOLS = {
    "spend": symbol("input", "spend", u.MONEY),
    "calls": symbol("input", "calls", u.COUNT),
    "started": symbol("input", "started", u.DATE),
    "level": symbol("input", "level", LEVEL),
    "share": symbol("term", "share", u.PERCENT, PARTY, ("north", "south")),
    "rate": symbol("term", "rate", u.PERCENT, "level", ("low", "high")),
    "place": symbol("term", "place", PLACE),
    "fixed": Symbol("term", "fixed", u.MONEY, rate=Unit("money", "year")),
    "score": Symbol("measure", "score", u.PERCENT, attributes={"value": u.PERCENT, "score": u.COUNT}, bare=False),
    "paid": Symbol(
        "payment", "paid", u.MONEY, attributes={"earned": u.MONEY}, bare=False, bare_hint="Say paid.earned.",
        also_by=("north", "south"),
    ),
    "funds": Symbol("account", "funds", u.MONEY, "person", attributes={"balance": u.MONEY}, bare=False),
    "flag": symbol("decision", "flag", u.BOOLEAN),
}  # fmt: skip
BINDING = symbol("binding", "provider", PARTIES)
LOOPS = {
    "visits": Loop("records", "visits", FIELDS),
    "provider": Loop("party", "provider", {"provider": BINDING, "small": symbol("party_field", "small", u.BOOLEAN)}, PARTY,
                     ("north", "south")),
    "level": Loop("category", "level", {}, "level", ("low", "high")),
}  # fmt: skip
SCOPE = Scope(SYMBOLS, LOOPS, refused={"broken": "", "other": "it is not read here."}, currency="GBP")


def checked(text: str, scope: Scope = SCOPE, expect: Unit | None = None) -> t.Node:
    node, errors = check(parse(text), scope, expect)
    assert errors == [], [e.message for e in errors]
    return node


def wrong(text: str, scope: Scope = SCOPE, expect: Unit | None = None) -> list[str]:
    _node, errors = check(parse(text), scope, expect)
    assert errors
    return [f"{e.at} {e.message}{' | ' + e.hint if e.hint else ''}" for e in errors]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("spend", u.MONEY),
        ("spend + 5 GBP", u.MONEY),
        ("spend - 0", u.MONEY),
        ("2% of spend", u.MONEY),
        ("place * calls", u.MONEY),
        ("spend / spend", u.RATIO),
        ("spend / spend - 5%", u.PERCENT),
        ("-spend", u.MONEY),
        ("started + 3 months", u.DATE),
        ("started - 2026-04-01", u.DAYS),
        ("spend > 0", u.BOOLEAN),
        ("flag and not flag or true", u.BOOLEAN),
        ("level = low", u.BOOLEAN),
        ("low = level", u.BOOLEAN),
        ("level in (low, 'high')", u.BOOLEAN),
        ("level not in (low)", u.BOOLEAN),
        ("spend is known", u.BOOLEAN),
        ("score.value if flag else 5%", u.PERCENT),
        ("spend else 5 GBP", u.MONEY),
        ("max(spend, 5 GBP, 0)", u.MONEY),
        ("min(started, 2026-04-01)", u.DATE),
        ("clamp(score.value, 0, 100%)", u.PERCENT),
        ("round(spend, 2)", u.MONEY),
        ("round_up(calls)", u.COUNT),
        ("abs(spend)", u.MONEY),
        ("exp(calls)", u.RATIO),
        ("exp(0)", u.RATIO),
        ("ln(score.value)", u.RATIO),
        ("100% / (1 + exp(-0.1 * (calls - 50)))", u.PERCENT),
        ("spend * sqrt(spend / 5 GBP)", u.MONEY),
        ("days(calls)", u.DAYS),
        ("month(started) + year(started)", u.COUNT),
        ("last(score.score)", u.COUNT),
        ("last(spend)", u.MONEY),
        ("so_far(paid.earned)", u.MONEY),
        ("share by north", u.PERCENT),
        ("share by 'south'", u.PERCENT),
        ("paid.earned by north", u.MONEY),
        ("last(paid.earned by north)", u.MONEY),
        ("funds.balance by p01", u.MONEY),
        ("rate by level", u.PERCENT),
        ("rate", u.PERCENT),  # by the level that is brought
        ("fixed", u.MONEY),
        ("fixed on started", Unit("money", "year")),
        ("place on started", PLACE),
        ("share by north on 2026-04-01", u.PERCENT),
        ("count(visits)", u.COUNT),
        ("count(visits where ok and cost > 5 GBP)", u.COUNT),
        ("sum(cost for visits where kind = low)", u.MONEY),
        ("sum(share by who for visits)", u.PERCENT),
        ("mean(cost for visits) / spend", u.RATIO),
        ("min(day for visits)", u.DATE),
        ("sum(share for provider)", u.PERCENT),
        ("count(provider where small)", u.COUNT),
        ("sum(share for provider where provider = north)", u.PERCENT),
        ("sum(rate for level)", u.PERCENT),
        ("sum(sum(cost for visits) for provider)", u.MONEY),
    ],
)
def test_the_unit_of_a_formula(text: str, unit: Unit) -> None:
    node = checked(text)
    assert node.unit == unit
    assert all(part.unit is not None for part in node.walk())
    assert not any(isinstance(part, t.Name) for part in node.walk())


def test_what_names_become() -> None:
    assert checked("spend") == t.Ref((0, 5), u.MONEY, "input", "spend", "", "")
    assert checked("score.value") == t.Ref((0, 11), u.PERCENT, "measure", "score", "value", "")
    by = checked("rate")
    assert isinstance(by, t.By)
    assert by.key == t.Ref((0, 4), LEVEL, "input", "level", "", "")
    sum_of = checked("sum(share for provider)")
    assert isinstance(sum_of, t.Aggregate)
    assert isinstance(sum_of.value, t.Ref)
    assert [ref.name for ref in t.names(checked("spend * score.value + 5 GBP"))] == ["spend", "score"]
    literal = checked("level = low")
    assert isinstance(literal, t.Compare)
    assert literal.right == t.Literal((8, 11), LEVEL, "low")


@pytest.mark.parametrize(
    ("text", "expect", "value"),
    [
        ("low", LEVEL, "low"),
        ("'high'", LEVEL, "high"),
        ("anything", u.TEXT, "anything"),
    ],
)
def test_a_bare_option_stands_where_one_is_wanted(text: str, expect: Unit, value: str) -> None:
    node = checked(text, expect=expect)
    assert isinstance(node, t.Literal)
    assert node.value == value


def test_an_option_stands_in_a_choice() -> None:
    assert checked("low if flag else high", expect=LEVEL).unit == LEVEL
    assert checked("level else low", expect=LEVEL).unit == LEVEL
    assert checked("low if flag else level").unit == LEVEL
    assert wrong("low if flag else high")[0].startswith('17 nothing is named "high"')


@pytest.mark.parametrize(
    ("text", "expect", "message"),
    [
        ("5", u.PERCENT, "0 this is a plain number; a percentage is wanted here. | Write a percentage with its sign: 12.2%, and 100% for 1."),
        ("5", u.DAYS, "0 this is a plain number; a length of time is wanted here. | Write a duration with its unit: 30 days."),
        ("place", u.MONEY, "0 this is money a place; money is wanted here. | Multiply it by a number of them; by 1 for a single place."),
        ("spend", u.DATE, "0 this is money; a date is wanted here. | Write a date, 2026-04-01, or the name of one."),
        ("'top'", LEVEL, '0 "top" is not one of low, high.'),
        ("top", LEVEL, '0 "top" is not one of low, high.'),
        ("other", LEVEL, "0 it is not read here."),
        ("other", None, "0 it is not read here."),
        ("share", None, '0 "share" has a figure for each party; which is not said here. | Write "share by ...", or '
         'sum(share for ...).'),
        ("funds.balance", None, '0 "funds" has a figure for each person; which is not said here. | Write "funds by ...", or '
         'sum(funds for ...).'),
        ("score", None, '0 "score" alone has no single value.'),
        ("calls.value", None, '0 "calls" has no "value". | Write its name alone.'),
        ("sum(sum(cost) for visits)", None, '4 sum() does not say what to go through. | Write "sum(... for NAME)".'),
        ("sum(sum(calls) for provider)", None, '4 sum() does not say what to go through. | Write "sum(... for NAME)".'),
        ("funds on started", None, '0 "on" follows the name of a term, and "funds" is not one. | Leave "on" out: only terms are known for every day.'),
        ("spend on 5", None, '0 "on" follows the name of a term, and "spend" is not one. | Leave "on" out: only terms are known for every day.'),
        ("fixed on 5", None, "9 this is a plain number; a date is wanted here. | Write a date, 2026-04-01, or the name of one."),
        ("nope + (nope by x) + nope on 5", None, None),
    ],
)  # fmt: skip
def test_what_is_wrong(text: str, expect: Unit | None, message: str | None) -> None:
    found = wrong(text, expect=expect)
    assert message is None or found == [message]


@pytest.mark.parametrize(
    "text",
    ["broken", "broken + 5", "-broken", "5 if broken else 6", "broken else 5", "max(broken, 5)", "broken in (1)", "1 in (broken)",
     "broken is known", "not broken", "broken and true", "broken = 5", "5 = broken", "sum(broken for visits)", "count(broken)",
     "sum(1 for broken)", "broken by north", "share by broken", "broken on started", "fixed on broken", "last(broken)",
     "count(visits where broken)", "broken.value", "place on broken"],
)  # fmt: skip
def test_what_has_a_fault_of_its_own_is_told_once(text: str) -> None:
    node, errors = check(parse(text), SCOPE)
    assert (node.unit, errors) == (None, [])


def test_a_group_in_hand_is_gone_through() -> None:
    scope = SCOPE.with_group(LOOPS["visits"], {"who": symbol("binding", "who", PARTIES)})
    assert checked("sum(cost where ok) + count(where ok) * 1 GBP", scope).unit == u.MONEY
    assert checked("share by who", scope).unit == u.PERCENT
    assert wrong("sum(sum(cost))", scope)


def test_other_names_can_be_added() -> None:
    scope = SCOPE.with_local(earned=symbol("earned", "earned", u.MONEY))
    assert checked("50% of earned", scope).unit == u.MONEY
    assert "earned" in list(scope.names())


def test_a_figure_that_a_party_lacks() -> None:
    scope = SCOPE.inside(Loop("party", "all", {}, PARTY, ("board", "north")))
    assert wrong("share", scope) == [
        '0 "share" has no figure for board. | Give it one, or read it only for those that have one.'
    ]


def test_many_options_are_not_all_printed() -> None:
    many = Unit("category", options=tuple(f"o{i}" for i in range(50)))
    assert wrong("zz", expect=many)[0].endswith("o11 or 38 more.")


formulas = st.recursive(
    st.sampled_from([*SYMBOLS, "score.value", "paid.earned", "5", "0", "5%", "3 GBP", "30 days", "low", "true", "zz"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "of", "=", "<", "and", "or", "else", "by", "on"]), inner)
        .map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        st.tuples(st.sampled_from(["max", "min", "clamp", "round", "last", "sum", "days", "year"]), inner)
        .map(lambda p: f"{p[0]}({p[1]})"),
        inner.map(lambda i: f"sum({i} for visits where {i})"),
        inner.map(lambda i: f"({i} in (low, {i}))"),
        inner.map(lambda i: f"({i} is known)"),
        inner.map(lambda i: f"(not -{i})"),
    ),
    max_leaves=8,
)  # fmt: skip


@given(formulas, st.sampled_from([None, u.MONEY, u.PERCENT, u.BOOLEAN, LEVEL]))
def test_any_formula_is_checked_or_refused(text: str, expect: Unit | None) -> None:
    try:
        node, errors = check(parse(text), SCOPE, expect)
    except FormulaError:
        return
    assert (node.unit is None) <= bool(errors)
    if not errors:
        assert all(part.unit is not None for part in node.walk())
    for error in errors:
        assert error.message.endswith(".")
        assert 0 <= error.at <= len(text)
