"""Records in engines: faulty ones told with their rows, dropped and counted, and files that are out to do harm."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.contract.faults import Faults, InputError
from alliance.measures.connected import opened
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.settlement.reading import read_field
from alliance.settlement.records import read_records

FIELDS = (
    "person: id, day: date, left: optional date, cost: GBP, part: optional percent, wait: hours, safe: boolean, "
    "kind: [red, green], mood: likert 5"
)
HEADER = "person,day,left,cost,part,wait,safe,kind,mood\n"
GOOD = "p1,2026-04-01,2026-04-09,10.50,12.5%,48,yes,red,3\n"
BAD = {
    "an impossible date": ("p1,2026-02-30,,1,,1,yes,red,3", "day"),
    "a date in another order": ("p1,01/04/2026,,1,,1,yes,red,3", "day"),
    "the year 0": ("p1,0000-01-01,,1,,1,yes,red,3", "day"),
    "the year 9999": ("p1,9999-12-31,,1,,1,yes,red,3", "day"),
    "a word of no category": ("p1,2026-04-01,,1,,1,yes,blue,3", "kind"),
    "another case": ("p1,2026-04-01,,1,,1,yes,Red,3", "kind"),
    "neither yes nor no": ("p1,2026-04-01,,1,,1,maybe,red,3", "safe"),
    "a word for a number": ("p1,2026-04-01,,ten,,1,yes,red,3", "cost"),
    "an exponent": ("p1,2026-04-01,,1e3,,1,yes,red,3", "cost"),
    "a percentage of too much": ("p1,2026-04-01,,1,12.5,1,yes,red,3", "part"),
    "off the scale": ("p1,2026-04-01,,1,,1,yes,red,6", "mood"),
    "between two answers": ("p1,2026-04-01,,1,,1,yes,red,2.5", "mood"),
    "no key": (",2026-04-01,,1,,1,yes,red,3", "person"),
    "an empty field": ("p1,2026-04-01,,,,1,yes,red,3", "cost"),
}
UNUSUAL = [  # spelled in a way that is not plain, and still meant
    'p2,2026-04-01,,"1,250.50",,1,yes,red,3',
    "p3, 2026-04-02 ,,1_000,,1,Y,red,3",
    "p4,2026-04-02,missing,+7,0.25,2 days,FALSE,green,5",
    "p5,2026-04-02,,7,100 %,90 minutes,n,green,1".replace("90 minutes", "1 hour"),
]


def made(more: str = "") -> Contract:
    return alliance.loads(
        "alliance: 1\ncontract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}}\n"
        "parties: {a: {name: A, role: payer}}\n"
        f"inputs: {{visits: {{records: {{{FIELDS}}}, dated: day{more}}}}}\n"
    )


def prepare(place: str, more: str = "") -> Prepared:
    return Prepared(made(more).built.inputs["visits"], opened(place), read_field, Store())


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(*lines: str, name: str = "visits.csv") -> str:
        (tmp_path / name).write_text(HEADER + "".join(f"{line.rstrip()}\n" for line in lines), "utf-8")
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("name", BAD)
def test_a_faulty_record_is_told_with_its_row(name: str, file: Callable[..., str]) -> None:
    line, field = BAD[name]
    with pytest.raises(InputError) as told:
        prepare(file(GOOD, line, GOOD)).check()
    [fault] = told.value.faults
    assert (fault.code, str(fault.mark)) == ("AC443", "visits.csv:3")
    assert fault.message.startswith(f"visits, {field}: ")
    # in the same words as the same record in memory
    row = dict(zip(HEADER.strip().split(","), line.split(","), strict=True))
    faults = Faults()
    read_records(made().built.inputs["visits"], [row], faults)
    assert [f.message for f in faults.items] == [fault.message]


def test_what_is_not_plain_is_read_as_it_is_meant(file: Callable[..., str]) -> None:
    found = prepare(file(GOOD, *UNUSUAL)).check()
    assert (found.records, found.dropped) == (5, 0)


def test_faulty_records_are_dropped_and_counted(file: Callable[..., str]) -> None:
    lines = [line for line, _ in BAD.values()]
    found = prepare(file(GOOD, *lines, *UNUSUAL), ", faulty: drop and count").check()
    assert (found.records, found.dropped) == (5, len(lines))
    assert len(found.faults.items) >= len(lines)


def test_there_is_a_limit_with_a_total(file: Callable[..., str]) -> None:
    with pytest.raises(InputError) as told:
        prepare(file(*["p1,never,,1,,1,yes,red,3"] * 250)).check()
    assert len(told.value.faults) == 101
    assert "250 records are faulty, and the first 100 are told" in str(told.value)


def test_a_record_that_is_given_twice(file: Callable[..., str]) -> None:
    twice = file(GOOD, "p2,2026-04-01,,1,,1,yes,red,3", "p1,2026-04-01,,2,,2,no,red,1", GOOD)
    with pytest.raises(InputError) as told:
        prepare(twice, ", unique: [person, day]").check()
    assert "visits.csv:5" in str(told.value)
    assert "2 records are given again" in str(told.value)
    found = prepare(twice, ", unique: [person, day], faulty: drop and count").check()
    assert (found.records, found.dropped) == (2, 2)


def test_comments_before_the_header_count_as_lines(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("# Invented\n# people\n" + HEADER + GOOD + BAD["no key"][0] + "\n")
    with pytest.raises(InputError) as told:
        prepare(str(tmp_path / "visits.csv")).check()
    assert str(told.value.faults[0].mark) == "visits.csv:5"


HOSTILE: dict[str, Callable[[Path], Any]] = {
    "10,000 columns": lambda p: p.write_text(",".join(f"c{n}" for n in range(10_000)) + "\n"),
    "no header": lambda p: p.write_text(""),
    "a column without a name": lambda p: p.write_text("person,,day\n"),
    "one name twice": lambda p: p.write_text("person,day,day\n"),
    "another encoding": lambda p: p.write_bytes(HEADER.encode() + GOOD.replace("p1", "é").encode("latin-1")),
    "mixed encodings": lambda p: p.write_bytes((HEADER + GOOD).encode() + "ü,é\n".encode("utf-16")),
    "a quote that is not closed": lambda p: p.write_text(HEADER + '"p1,2026-04-01\n' + GOOD * 50),
    "ragged rows": lambda p: p.write_text(HEADER + GOOD + "p1,2026-04-01\n"),
    "one endless line": lambda p: p.write_text(HEADER + "x" * 3_000_000),
    "a column that is missing": lambda p: p.write_text(HEADER.replace("day", "Day") + GOOD),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_harm_is_answered_plainly_and_soon(name: str, tmp_path: Path) -> None:
    HOSTILE[name](tmp_path / "visits.csv")
    start = time.monotonic()
    with pytest.raises(InputError) as told:
        prepare(str(tmp_path / "visits.csv")).check()
    assert time.monotonic() - start < 20
    assert {f.code for f in told.value.faults} <= {"AC441", "AC443"}


def test_a_parquet_file_of_wrong_types(tmp_path: Path) -> None:
    import duckdb

    place = tmp_path / "visits.parquet"
    wrong = "'p1' AS person, TIMESTAMP '2026-04-01 10:00:00' AS day, NULL AS \"left\", 0.1::DOUBLE + 0.2 AS cost"
    rest = "NULL AS part, 1 AS wait, 7 AS safe, 'red' AS kind, 3::BIGINT AS mood"
    duckdb.sql(f"COPY (SELECT {wrong}, {rest}) TO '{place}' (FORMAT parquet)")
    with pytest.raises(InputError) as told:
        prepare(str(place)).check()
    said = str(told.value)
    for field in ("day", "cost", "safe"):
        assert f"visits, {field}: " in said
    duckdb.sql(f"COPY (SELECT {wrong.replace(chr(39) + 'p1' + chr(39), '[1]')}, {rest}) TO '{place}' (FORMAT parquet)")
    with pytest.raises(InputError, match=r"The column person is of the type INTEGER\[\], which is not read"):
        prepare(str(place)).check()


def test_sql_in_names_and_values_is_only_text(tmp_path: Path) -> None:
    import duckdb

    evil = "x'); DROP TABLE records; --"
    fields = FIELDS.replace("red, green", f'red, green, "{evil}"')
    contract = alliance.loads(
        "alliance: 1\ncontract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}}\n"
        "parties: {a: {name: A, role: payer}}\n"
        f"inputs: {{visits: {{records: {{{fields}}}, dated: day}}}}\n"
    )
    folder = tmp_path / 'it\'s "quoted"; --'
    folder.mkdir()
    text = HEADER.strip() + ',"a""; DROP TABLE records; --"\n'
    text += f'"{evil}",2026-04-01,,1,,1,yes,"{evil}",3,x\n' + GOOD.strip() + ",y\n"
    (folder / "visits.csv").write_text(text)
    found = Prepared(contract.built.inputs["visits"], opened(str(folder)), read_field, Store()).check()
    assert found.records == 2
    with duckdb.connect(str(tmp_path / "x.db")) as connection:
        connection.execute('CREATE TABLE "t""; DROP TABLE t; --" AS SELECT 1 AS a')
    with pytest.raises(InputError, match="There is no table"):
        opened(f"duckdb:///{tmp_path}/x.db#t; DROP TABLE t")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere.csv", "There is no file"),
        ("duckdb:///nowhere.db#t", "There is no database"),
        ("duckdb:///nowhere.db", "names no table"),
        ("postgresql://me:secret@nowhere.invalid/x#t", "cannot be connected to"),
        ("unheard://x#t", "cannot be connected to"),
    ],
)
def test_a_place_that_is_none(place: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as told:
        opened(place)
    assert "secret" not in str(told.value)


def test_a_folder_of_files_of_several_kinds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no CSV"):
        opened(str(tmp_path))
    (tmp_path / "a.csv").write_text(HEADER)
    (tmp_path / "b.tsv").write_text(HEADER)
    with pytest.raises(InputError, match="several kinds"):
        opened(str(tmp_path))
    (tmp_path / "b.tsv").rename(tmp_path / "b.csv")
    (tmp_path / "b.csv").write_text("person,day\n")
    with pytest.raises(InputError, match="different columns"):
        opened(str(tmp_path))


def test_rendered_queries_are_kept_and_taken_again(file: Callable[..., str], tmp_path: Path) -> None:
    place, folder = file(GOOD, *UNUSUAL), tmp_path / "cache"
    item = made().built.inputs["visits"]
    first = Prepared(item, opened(place), read_field, Store(folder)).check()
    assert first.store.rendered
    again = Prepared(item, opened(place), read_field, Store(folder)).check()
    assert again.store.rendered == 0
    assert again.records == first.records
    for kept in folder.iterdir():
        assert "2026-04-01" not in kept.read_text() or "p1" not in kept.read_text()
        kept.write_text("{")
    assert Prepared(item, opened(place), read_field, Store(folder)).check().store.rendered
