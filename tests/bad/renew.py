"""Write anew what each mistake is answered with: `python -m tests.bad.renew`. The difference is for a person to read."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bad.cases import FOLDERS, HERE, cases, within, workspace


def main() -> None:
    found = cases()
    changed = []
    with tempfile.TemporaryDirectory() as made:
        folders = workspace(Path(made))
        for case in found:
            with within(folders / case.folder):
                answer = case.answer()
            if answer != case.expected:
                case.path.write_text(answer, "utf-8")
                changed.append(case)
    kept = {case.path for case in found}
    for text in (text for folder in FOLDERS for text in (HERE / folder).glob("*.txt")):
        if text not in kept:
            text.unlink()
            print(f"removed {text.relative_to(HERE)}, which has no case")
    for case in changed:
        print(f"wrote {case.path.relative_to(HERE)}")
    print(f"{len(found)} cases, {len(changed)} of them renewed. Read each: git diff tests/bad")


if __name__ == "__main__":
    main()
