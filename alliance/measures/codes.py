"""The codes of the faults of instruments, answers, FHIR reports and engines: AC400 to AC449."""

from __future__ import annotations

CODES: dict[str, str] = {
    # the instrument
    "AC400": "There is no instrument of that name",
    "AC401": "A version of the format that is not known",
    "AC402": "A name of the instrument that is not there",
    "AC403": "An answer without a value where one is added up",
    "AC404": "A key of a scale that is missing, or means nothing there",
    "AC405": "Benefit and harm netted against each other",
    "AC406": "A table with a gap",
    "AC407": "A rule for missing items that cannot stand",
    "AC408": "A rule for low response that cannot stand",
    "AC409": "More items, answers or entries than an instrument may have",
    "AC410": "A name that a table of answers needs for itself",
    # tables that the user supplies
    "AC411": "A table that is to be supplied and is not, or is and was not asked for",
    "AC412": "A supplied table that cannot be read",
    # answers
    "AC420": "A column of the answers is missing",
    "AC421": "Not one of the answers to the item",
    "AC422": "A row without a person",
    "AC423": "A person with two rows for one date",
    "AC424": "Not a way of completing the instrument",
    "AC425": "Not a date",
    "AC426": "More people who answered than were asked",
    "AC427": "Answers of nobody",
    "AC428": "Answers of single people asked for in what is published",
    # reports in FHIR
    "AC430": "Not JSON",
    "AC431": "Not a FHIR measure report, or a bundle of them",
    "AC432": "What FHIR does not allow",
    "AC433": "A measure report without what it needs",
    "AC434": "Counts that do not come to the score",
    "AC435": "A measure is reported twice",
    "AC436": "A report that is not of the contract's measure",
    # records in an engine
    "AC440": "There are no such records",
    "AC441": "The engine cannot read the records",
    "AC442": "An extra that is not installed",
    "AC443": "A record that is faulty, in an engine",
}
