"""What holds for `alliance.data` as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import alliance.data
from alliance.data.codes import CODES

FOLDER = Path(alliance.data.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def test_every_code_is_listed_and_used() -> None:
    used = {
        code
        for module in MODULES
        if module != "codes"
        for code in re.findall(r'"(AC\d+)"', (FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    }
    assert used == set(CODES)
    assert all("AC200" <= code <= "AC249" for code in CODES)
    assert len(set(CODES.values())) == len(CODES)


def test_importing_loads_nothing_heavy() -> None:
    imports = "; ".join(f"import alliance.data.{module}" for module in MODULES)
    heavy = {"duckdb", "python_calamine", "xlsxwriter", "zipfile", "yaml", "pandas", "numpy"}
    program = f"import sys; before = set(sys.modules); {imports}; print(*(set(sys.modules) - before))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=FOLDER.parents[1]
    )
    assert not heavy & set(loaded.stdout.split())
