from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from alliance.contract.faults import InputError, Mark
from alliance.data.limits import Limits
from alliance.data.parquet import read_parquet
from alliance.data.table import read_table
from tests.data.helpers import content, faults_of, starts, write


def parquet(path: Path, query: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    place = str(path).replace("'", "''")
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({query}) TO '{place}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", "7"),
        ("7::UTINYINT", "7"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615::UBIGINT", "18446744073709551615"),
        ("1.50::DECIMAL(9, 2)", "1.50"),
        ("12345678901234567890123456789012345.678::DECIMAL(38, 3)", "12345678901234567890123456789012345.678"),
        ("0.1::DOUBLE", "0.1"),
        ("1e20::DOUBLE", "100000000000000000000"),
        ("1e-7::DOUBLE", "0.0000001"),
        ("0.1::FLOAT", "0.1"),
        ("16777215::FLOAT", "16777215"),
        ("'text £'", "text £"),
        ("''", ""),
        ("NULL", None),
        ("NULL::DOUBLE", None),
        ("TRUE", "TRUE"),
        ("DATE '2026-04-01'", "2026-04-01"),
        ("TIME '09:30:00'", "09:30:00"),
        ("TIMESTAMP '2026-04-01 00:00:00'", "2026-04-01"),
        ("TIMESTAMP '2026-04-01 09:30:00.5'", "2026-04-01T09:30:00.5"),
        ("TIMESTAMPTZ '2026-04-01 09:30:00+01'", "2026-04-01T08:30:00+00:00"),
        ("'x'::ENUM('x', 'y')", "x"),
        ("uuid '00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_values_become_exact_texts(tmp_path: Path, value: str, expected: str | None) -> None:
    table = read_table(parquet(tmp_path / "a.parquet", f"SELECT 'x' AS id, {value} AS value"))
    assert table.columns == ["id", "value"]
    assert content(table) == [(1, ("x", expected))]


def test_places_are_rows_and_columns(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", "SELECT range AS a, range * 10 AS b FROM range(10000) ORDER BY a")
    table = read_table(path)
    assert len(table.rows) == 10_000
    assert table.rows[9_999].cells == ("9999", "99990")
    assert table.rows[4].mark("b") == Mark(str(path), 5, 2)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT [1] a, {'b': 1} b, MAP {'x': 1} c, 'x'::BLOB d, 1 e",
            [": AC223"] * 4,
        ),
        ("SELECT 1 a, INTERVAL 1 DAY b", [": AC223"]),
        ("SELECT 1 a, 3.3000000000000003::DOUBLE b", [":1:2: AC218"]),
        ("SELECT 1 a, (1 / 3)::FLOAT b", [":1:2: AC218"]),
        ("SELECT 1 a, 3.4e38::FLOAT b", None),
        ("SELECT 1 a, 'nan'::DOUBLE b UNION ALL SELECT 2, '-inf'::DOUBLE", [":1:2: AC219", ":2:2: AC219"]),
        ("SELECT 1 a, 'x' || chr(8238) b", [":1:2: AC206"]),
        ('SELECT 1 AS a, 2 AS " "', [": AC208"]),
        ('SELECT 1 AS a, 2 AS "a "', [": AC209"]),
    ],
)
def test_faults_have_their_places(tmp_path: Path, query: str, expected: list[str] | None) -> None:
    path = parquet(tmp_path / "a.parquet", query)
    if expected is None:
        assert content(read_table(path))[0][1][1] == "34" + "0" * 37
        return
    found = starts(lambda: read_table(path), tmp_path)
    assert [fault.removeprefix("a.parquet") for fault in found] == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(rows=3), ""),
        (Limits(rows=2), ":3: AC211"),
        (Limits(cells=5), ":3: AC211"),
        (Limits(parquet_cells=6, parquet_ratio=0), ""),
        (Limits(parquet_cells=5, parquet_ratio=0), ":3: AC211"),
        (Limits(columns=1), ": AC210"),
        (Limits(cell_length=5), ""),
        (Limits(cell_length=4), ":1:2: AC212 :2:2: AC212 :3:2: AC212"),
        (Limits(cell_length=1), ": AC212"),
        (Limits(parquet_text=18), ""),
        (Limits(parquet_text=17), ": AC211"),
        (Limits(parquet_bytes=100), ": AC203"),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, expected: str) -> None:
    path = parquet(tmp_path / "a.parquet", "SELECT range AS a, 'abcde' AS b FROM range(3)")
    if not expected:
        assert len(read_table(path, limits=limits).rows) == 3
    else:
        found = " ".join(starts(lambda: read_table(path, limits=limits), tmp_path))
        assert found.replace("a.parquet", "") == expected


def test_the_path_is_never_read_as_anything_else(tmp_path: Path) -> None:
    parquet(tmp_path / "a1.parquet", "SELECT 'another' AS a")
    parquet(tmp_path / "x1.parquet", "SELECT 'another' AS a")
    for name in (
        "a[1].parquet",
        "it's; DROP TABLE x.parquet",
        "a{1,2}.parquet",
        "100%.parquet",
        "x*.parquet",
        "x?.parquet",
    ):
        path = parquet(tmp_path / name, "SELECT 'this' AS a")
        assert content(read_table(path)) == [(1, ("this",))]
    inside = parquet(tmp_path / "year=2026" / "a.parquet", "SELECT 'this' AS a")
    assert read_table(inside).columns == ["a"]


def test_nothing_but_the_file_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = (parquet(tmp_path / name, "SELECT 1 AS a") for name in ("a.parquet", "b.parquet"))
    monkeypatch.setattr("alliance.data.parquet._SOURCE", f"read_parquet(['{other}', ?])")
    (fault,) = faults_of(lambda: read_parquet(path, Limits()), tmp_path)
    assert "AC222" in fault
    assert "Permission" in fault


def test_an_older_duckdb_reads_without_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = duckdb.connect

    class Older:
        def __init__(self, *arguments: object, **options: object) -> None:
            self.connection = real(*arguments, **options)  # type: ignore[arg-type]

        def __enter__(self) -> Older:
            return self

        def __exit__(self, *_: object) -> None:
            self.connection.close()

        def execute(self, query: str, *rest: object) -> object:
            if "allowed_paths" in query:
                raise duckdb.CatalogException("no such setting")
            assert not query.startswith("SET ")
            return self.connection.execute(query, *rest)

    monkeypatch.setattr(duckdb, "connect", Older)
    assert content(read_table(parquet_with(real, tmp_path))) == [(1, ("1",))]


def parquet_with(connect: object, folder: Path) -> Path:
    assert callable(connect)
    connect(":memory:").execute(f"COPY (SELECT 1 AS a) TO '{folder / 'a.parquet'}' (FORMAT parquet)")
    return folder / "a.parquet"


def test_damaged_files_never_crash(tmp_path: Path) -> None:
    import random

    chance = random.Random(20260401)
    whole = parquet(tmp_path / "a.parquet", "SELECT range AS a, 'text ' || range AS b FROM range(100)").read_bytes()
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = write(tmp_path, "b.parquet", bytes(data))
        try:
            read_table(path)
        except InputError:
            continue
