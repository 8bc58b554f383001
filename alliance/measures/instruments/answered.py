"""Answers to an instrument as they are brought, one row for each person who was asked; and every row that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from alliance.contract.faults import Faults, InputError, Mark, did_you_mean, meant, one_of
from alliance.contract.numbers import parse_date
from alliance.contract.source_text import shown
from alliance.measures.instruments.entries import Answer, Instrument

PERSON, DATE, COMPLETION = "person", "date", "completion"


class Line(Protocol):
    """A row of a table of texts that knows its places, such as `alliance.data.rows.Row`."""

    def get(self, column: str) -> str | None: ...
    def mark(self, column: str | None = None) -> Mark: ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person answered. `answers` holds an answer for each item, None where there is none.

    `responded` says that at least one item was answered: a row without any is of somebody who was only asked.
    """

    person: str
    on: date | None
    mode: str
    answers: Mapping[str, Answer | None]
    mark: Mark

    @property
    def responded(self) -> bool:
        return any(answer is not None for answer in self.answers.values())


def read_answers(
    instrument: Instrument, columns: Sequence[str], lines: Iterable[Line], file: Mark, limit: int = 100
) -> list[Answered]:
    """The answers in a table with a column `person`, one for each item, and perhaps `date` and `completion`.

    `file` is where a fault of the whole table is told. Other columns are not read. Nothing is guessed: an answer is
    written as its code or its label. Raises `InputError` with every fault, up to `limit`.
    """
    faults = Faults(limit)
    wanted = [PERSON, *instrument.items, *([COMPLETION] if instrument.modes else [])]
    for column in wanted:
        if column not in columns:
            hint = did_you_mean(column, columns) or f"There are: {', '.join(columns[:20])}."
            faults.add("AC420", file, f"The column {column} is missing.", hint)
    faults.raise_if_any(InputError)
    reader = _Reader(instrument, DATE in columns, faults)
    found = [answered for line in lines if (answered := reader.read(line))]
    if not found and not faults:
        faults.add("AC427", file, "Nobody was asked.", "A row is wanted for each person who was asked.")
    faults.raise_if_any(InputError)
    return found


class _Reader:
    def __init__(self, instrument: Instrument, dated: bool, faults: Faults) -> None:
        self.instrument = instrument
        self.dated = dated
        self.faults = faults
        self.seen: dict[tuple[str, date | None], Mark] = {}
        # by item, what may be written: a code, or a label that is no other answer's code or label
        self.written = {name: _written(item.answers) for name, item in instrument.items.items()}

    def read(self, line: Line) -> Answered | None:
        texts = {name: (line.get(name) or "").strip() for name in self.instrument.items}
        person = (line.get(PERSON) or "").strip()
        if not person and not any(texts.values()):
            return None  # an empty row
        if not person:
            hint = "Give everybody an id that is not their name."
            self.faults.add("AC422", line.mark(PERSON), "This row has no person.", hint)
        on = self._date(line)
        self._once(person, on, line)
        answers = {name: self._answer(name, text, line) for name, text in texts.items()}
        found = Answered(person, on, "", answers, line.mark())
        return Answered(person, on, self._mode(line, found.responded), answers, line.mark())

    def _once(self, person: str, on: date | None, line: Line) -> None:
        first = self.seen.setdefault((person, on), line.mark())
        if person and first != line.mark():
            when = f" on {on}" if on else ""
            hint = (
                "Keep one of the rows." if self.dated else "Keep one of the rows, or tell them apart by a column date."
            )
            message = f"The person {shown(person, 20)} is at {first}{when} too."
            self.faults.add("AC423", line.mark(PERSON), message, hint)

    def _date(self, line: Line) -> date | None:
        text = (line.get(DATE) or "").strip() if self.dated else ""
        if not text:
            return None
        try:
            return parse_date(text)
        except ValueError as error:
            self.faults.add("AC425", line.mark(DATE), str(error))
            return None

    def _mode(self, line: Line, responded: bool) -> str:
        modes = self.instrument.modes
        if not modes:
            return ""
        text = (line.get(COMPLETION) or "").strip()
        for mode in modes.values():
            if text in (mode.name, mode.label):
                return mode.name
        if text or responded:
            message = f"{shown(text)} is not a way of completing it." if text else "It is not said who completed it."
            self.faults.add("AC424", line.mark(COMPLETION), message, lambda: meant(text, modes))
        return ""

    def _answer(self, item: str, text: str, line: Line) -> Answer | None:
        if not text or text in self.instrument.blank:
            return None
        known = self.written[item]
        found = known.get(text)
        if found is None:
            message = f"{shown(text, 30)} is not an answer to {item}."
            answers = self.instrument.items[item].answers
            self.faults.add("AC421", line.mark(item), message, lambda: did_you_mean(text, known) or one_of(answers))
            return None
        return None if found.counts_as == "missing" else found


def _written(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    labels = [answer.label for answer in answers.values()]
    found = {a.label: a for a in answers.values() if labels.count(a.label) == 1}
    return {**found, **answers}
