"""DuckDB has a limit of memory; what is more goes to a folder of its own, which does not stay."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from alliance.contract.faults import InputError
from alliance.measures.connected import opened
from alliance.measures.engines import MEMORY, DuckDB
from tests.measures.records import rows, write_csv


def engine(path: Path) -> DuckDB:
    found = opened(str(path))
    assert isinstance(found, DuckDB)
    return found


def test_there_is_a_limit_and_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one = engine(write_csv(tmp_path / "visits.csv", rows(1, 20)))
    limit, folder = one.run("SELECT current_setting('memory_limit'), current_setting('temp_directory')")[0]
    assert (MEMORY, limit) == ("1GB", "953.6 MiB")
    assert folder == one.beyond
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert os.listdir(tmp_path) == ["visits.csv"]
    one.close()
    assert not os.path.exists(folder)
    other = engine(tmp_path / "visits.csv")
    folder = other.beyond
    del other
    assert not os.path.exists(folder)


def test_the_limit_may_be_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "visits.csv", rows(1, 20))
    monkeypatch.setenv("ALLIANCE_MEMORY", "2 gb")
    assert engine(path).run("SELECT current_setting('memory_limit')") == [("1.8 GiB",)]
    for wrong in ("lots", "1GB'; DROP TABLE records; --", "0MB", "-1GB"):
        monkeypatch.setenv("ALLIANCE_MEMORY", wrong)
        with pytest.raises(InputError, match="which is no size"):
            engine(path)
