"""Terms and inputs, as they are built."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from alliance.contract.build.dated import in_force, term_on
from alliance.contract.numbers import Number
from alliance.contract.units import COUNT, DAYS, MONEY, PERCENT, RATIO, Unit
from alliance.contract.values import Unknown
from tests.contract.contracts import BASE, faults_of, loaded, written


def on(terms: str, name: str, day: str, key: str = "") -> Number | str:
    """A term on a day, or why there is none."""
    found = term_on(loaded(terms=terms).built.terms, name, key, date.fromisoformat(day))
    assert isinstance(found, (int, Fraction, Unknown))
    return str(found) if isinstance(found, Unknown) else found


# ---- terms


def test_a_dated_term() -> None:
    text = "x: {title: An X, clause: 3, unit: GBP, values: {2027-04-01: 6, 2025-01-01: 5.50}}"
    term = loaded(terms=text).built.terms["x"]
    assert (term.title, term.clause, term.unit, term.yearly, term.by, term.keys) == ("An X", "3", MONEY, False, "", ())
    assert term.timeline == {"": ((date(2025, 1, 1), Fraction(11, 2)), (date(2027, 4, 1), 6))}
    assert term.changes == (date(2025, 1, 1), date(2027, 4, 1))
    assert {at: (mark.line, mark.column) for at, mark in term.marks.items()} == {
        "@2027-04-01": (8, 63),
        "@2025-01-01": (8, 78),
    }
    assert on(text, "x", "2027-03-31") == Fraction(11, 2)
    assert on(text, "x", "2027-04-01") == 6
    assert on(text, "x", "2024-12-31") == "x on 2024-12-31 is missing"


def test_a_term_in_force_before_the_first_day() -> None:
    assert in_force((), date(2026, 1, 1)) is None
    assert in_force(((date(2026, 1, 1), 5),), date(2025, 12, 31)) is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("{value: 5}", COUNT),
        ("{value: 5%}", PERCENT),
        ("{unit: ratio, value: 5%}", RATIO),
        ("{unit: ratio, value: 5}", RATIO),
        ("{unit: percent, value: 0}", PERCENT),
        ("{unit: percent, value: -0.00}", PERCENT),
        ("{unit: GBP a place, value: 5}", Unit("money", "place")),
        ("{by: provider, value: {north: 5%, south: 6%}}", PERCENT),
        ("{is: 5 GBP}", MONEY),
        ("{unit: percent, is: 5 / 6}", PERCENT),
    ],
)
def test_the_unit_of_a_term(text: str, unit: Unit) -> None:
    assert loaded(terms=f"x: {text}").built.terms["x"].unit == unit


def test_hours_are_days_in_formulas() -> None:
    text = "x: {unit: hours, value: 36}"
    assert loaded(terms=text).built.terms["x"].unit == DAYS
    assert on(text, "x", "2026-04-01") == Fraction(3, 2)


def test_a_term_by_party_and_by_category() -> None:
    text = "x: {by: provider, value: {north: 5, south: 6}}\ny: {by: level, value: 5}\nz: {by: parties, value: 1}"
    built = loaded(categories="level: [low, high]", terms=text).built
    x, y, z = (built.terms[n] for n in "xyz")
    assert (x.by, x.keys, set(x.timeline)) == ("party", ("north", "south"), {"north", "south"})
    assert (y.by, y.keys, set(y.timeline)) == ("level", ("low", "high"), {"low", "high"})
    assert z.keys == ("board", "north", "south")


def test_a_party_has_figures_for_its_own_life_only() -> None:
    text = "x: {by: provider, values: {2026-04-01: {north: 5}, 2026-10-01: {south: 5}}}"
    assert on(text, "x", "2026-10-01", "south") == 5
    assert on(text, "x", "2026-09-30", "south") == "x for south on 2026-09-30 is missing"


def test_an_index_serves_its_own_year_only() -> None:
    text = "x: {unit: percent, of_the_year: {2027-28: 3%, 2026-27: 2%}}"
    assert on(text, "x", "2027-03-31") == Fraction(2, 100)
    assert on(text, "x", "2027-04-01") == Fraction(3, 100)
    assert on(text, "x", "2028-04-01") == "x on 2028-04-01 is missing"


def test_an_uplift() -> None:
    text = """
        index: {unit: percent, of_the_year: {2027-28: 10%, 2028-29: 20%}}
        x: {unit: GBP a year, values: {2026-04-01: 100}, uplift: {each: 04-01, from: 2027-04-01, by: index}}
        y: {unit: GBP a year, values: {2026-04-01: 100, 2028-04-01: 50}, uplift: {each: 04-01, from: 2026-04-02, by: index}}
        z: {unit: GBP a year, value: 99, uplift: {each: 04-01, from: 2027-04-01, to: 2027-12-31, by: index, rounded: {to: 1}}}
    """
    assert [on(text, "x", day) for day in ("2026-04-01", "2027-04-01", "2028-04-01")] == [100, 110, 132]
    assert [on(text, "y", day) for day in ("2027-04-01", "2028-04-01")] == [110, 50]  # what is given stands
    assert [on(text, "z", day) for day in ("2027-04-01", "2028-04-01")] == [109, 109]


def test_an_uplift_of_what_is_not_there_yet() -> None:
    text = """
        x:
          unit: GBP a year
          by: provider
          values: {2026-04-01: {north: 100}, 2026-10-01: {south: 50}}
          uplift: {each: 06-01, from: 2026-04-01, by: 10%}
    """
    assert on(text, "x", "2026-06-01", "north") == 110
    assert on(text, "x", "2026-10-01", "south") == 50
    assert on(text, "x", "2027-06-01", "south") == 55


def test_a_term_worked_out_from_terms() -> None:
    text = """
        b: {unit: GBP a year, by: provider, is: a * rate}
        a: {unit: GBP a year, by: provider, values: {2026-04-01: {north: 100, south: 10}, 2027-04-01: {north: 200, south: 20}}}
        rate: {unit: percent, values: {2026-04-01: 5%, 2028-04-01: 10%}}
        then: {is: (a by north on 2027-04-01) / (a by south on 2027-04-01)}
        of_index: {is: index * 2}
        index: {unit: percent, of_the_year: {2027-28: 3%}}
    """
    assert [on(text, "b", day, "north") for day in ("2026-04-01", "2027-04-01", "2028-04-01")] == [5, 10, 20]
    assert on(text, "then", "2026-04-01") == 10
    assert on(text, "of_index", "2027-04-01") == Fraction(6, 100)
    assert on(text, "of_index", "2026-04-01") == "of_index on 2026-04-01 is missing"
    built = loaded(terms=text).built
    assert list(built.terms) == ["b", "a", "rate", "then", "of_index", "index"]  # as the file lists them
    term = built.terms["b"]
    assert term.formula is not None
    assert term.yearly
    assert term.changes == (date(2026, 4, 1), date(2027, 4, 1), date(2028, 4, 1))


def test_an_amount_a_year_stays_one_when_it_is_worked_out() -> None:
    built = loaded(
        terms="a: {unit: GBP a year, value: 100}\nb: {is: 50% * a}\nc: {is: a / b}\nd: {unit: GBP a year, is: a + b}"
    )
    terms = built.built.terms
    assert (terms["b"].unit.per, terms["c"].unit, terms["d"].unit.per) == ("year", RATIO, "year")
    assert built.built.scope.symbols["b"].unit == MONEY  # over a period
    assert built.built.scope.symbols["b"].rate == Unit("money", "year")


def test_a_term_that_runs_away() -> None:
    chain = "\n".join(
        ["t0: {value: 1_000_000_000_000_000_000.5}", *(f"t{i}: {{is: t{i - 1} * t{i - 1}}}" for i in range(1, 12))]
    )
    (fault,) = faults_of(written(terms=chain))
    assert str(fault).endswith("AC059 t7 cannot be worked out: a number grew past 4096 binary digits.")
    uplifted = "x: {value: 3, uplift: {each: 04-01, from: 1901-04-01, by: 0.000000000000000000000000000000000001%}}"
    base = BASE.replace("from: 2026-04-01, to: 2029-03-31", "from: 1901-04-01, to: 2199-03-31")
    (fault,) = faults_of(written(base, terms=uplifted))
    assert str(fault).endswith(
        "AC059 the uplift cannot be worked out: a number grew past 4096 binary digits. Round it."
    )


def test_too_many_figures_are_worked_out() -> None:
    years = ", ".join(f"{year}-04-01: 5" for year in range(1950, 2029))
    text = "\n".join([f"a: {{values: {{{years}}}}}", *(f"t{i}: {{is: a}}" for i in range(1300))])
    assert str(faults_of(written(terms=text))[0]).endswith(
        "AC034 the terms worked out from other terms come to more than 100,000 figures. Make some of them figures."
    )


# ---- inputs


def test_a_figure_that_is_brought() -> None:
    text = """
        x: {title: An X, clause: 4, unit: GBP a year, from: north, due: 20 working days, over_periods: add, column: X,
            at_least: 5, at_most: 6.5, optional: true, if: {missing: exclude}, reads: {"-": missing, as: percent points}}
        y: {unit: hours, at_most: 48, column: {north: A, south: B}, by: provider}
        z: {unit: percent, reads: percent points}
        w: {unit: boolean, if: {missing: no}}
        v: {one_of: [a, b], if: {missing: a}}
        u: {unit: date, if: {missing: previous}, over_periods: same}
    """
    inputs = loaded(inputs=text).built.inputs
    x, y = inputs["x"], inputs["y"]
    assert (x.title, x.clause, x.unit, x.kind, x.column) == ("An X", "4", Unit("money", "year"), "figure", "X")
    assert (x.supplied_by, x.due, x.over_periods, x.optional) == ("north", "20 working days", "add", True)
    assert (x.at_least, x.at_most, x.policies) == (5, Fraction(13, 2), {"missing": "exclude"})
    assert (x.reading.words, x.reading.points) == ({"-": "missing"}, True)
    assert (y.title, y.unit, y.hours, y.at_most, y.keys) == ("y", DAYS, True, 2, ("north", "south"))
    assert y.columns == {"north": "A", "south": "B"}
    assert inputs["z"].reading.points
    assert (inputs["w"].policies, inputs["v"].policies) == ({"missing": "no"}, {"missing": "a"})
    assert inputs["u"].policies == {"missing": "previous"}


def test_records_that_are_brought() -> None:
    text = """
        visits:
          title: Visits
          from: north
          records:
            person: id
            day: date
            ended: optional date
            took: hours
            cost: GBP
            ok: optional boolean
            who: party
            mood: likert 5
            kind: [gas, oil]
            level: level
            share: percent
            of: count
          dated: day
          key: person
          reads: {"-": missing}
        calls: {events: {at: date}}
        lines: {rows: {n: count}}
    """
    built = loaded(
        categories="level: [low, high]", inputs=text, figures="x: {is: sum(of for visits where level = low)}"
    ).built
    visits = built.inputs["visits"]
    assert (visits.kind, visits.dated, visits.key, visits.title) == ("records", "day", "person", "Visits")
    fields = visits.fields
    assert fields is not None
    assert {name: (f.unit.kind, f.optional) for name, f in fields.items()} == {
        "person": ("text", False), "day": ("date", False), "ended": ("date", True), "took": ("days", False),
        "cost": ("money", False), "ok": ("boolean", True), "who": ("category", False), "mood": ("count", False),
        "kind": ("category", False), "level": ("category", False), "share": ("percent", False), "of": ("count", False),
    }  # fmt: skip
    assert (fields["took"].hours, fields["mood"].top, fields["kind"].unit.options) == (True, 5, ("gas", "oil"))
    assert fields["who"].unit.options == ("board", "north", "south")
    assert (built.inputs["calls"].kind, built.inputs["lines"].kind) == ("events", "rows")
    assert built.scope.loops["calls"].kind == "records"
