"""A contract read out: sections of entries of sentences, each with its clause and its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from alliance.contract.faults import Mark


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that the contract says. A step of a payment has a number; a part of one is `deep`."""

    text: str
    clause: str
    mark: Mark
    number: str = ""
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A named part of the contract: a term, a measure, a payment."""

    name: str
    title: str
    clause: str
    mark: Mark
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: what holds for all of it, then its entries. `about` is explanation and not a clause."""

    title: str
    about: tuple[str, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract read out as it stands on a day."""

    id: str
    title: str
    file: str
    on: date
    sections: tuple[Section, ...]

    def sentences(self) -> Iterator[tuple[Section, Entry, Sentence]]:
        """Every sentence with the section and entry that it stands in."""
        for section in self.sections:
            for entry in section.entries:
                for sentence in entry.sentences:
                    yield section, entry, sentence

    def as_dict(self) -> dict[str, object]:
        """The reading as plain JSON values."""
        return {
            "id": self.id,
            "title": self.title,
            "file": self.file,
            "on": self.on.isoformat(),
            "sections": [
                {"title": s.title, "about": list(s.about), "entries": [_entry(x) for x in s.entries]}
                for s in self.sections
            ],
        }


def _entry(entry: Entry) -> dict[str, object]:
    said = [
        {"number": s.number, "text": s.text, "clause": s.clause, "file": s.mark.file, "line": s.mark.line}
        for s in entry.sentences
    ]
    return {
        "name": entry.name,
        "title": entry.title,
        "clause": entry.clause,
        "file": entry.mark.file,
        "line": entry.mark.line,
        "sentences": said,
    }
