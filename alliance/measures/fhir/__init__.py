"""FHIR measure reports, out and in: HL7 FHIR MeasureReport, release 4 (as R4B) and 5, checked by `fhir.resources`.

A bundle holds one report for each measure, for measures have windows of their own. What FHIR has no place for (the
exact status, the interval) stands in extensions whose addresses begin with `urn:alliance:`, which other programs pass
over.

Numbers stay decimals, in and out. A share is worked out again from its counts, so that nothing is lost to the places of
a score; where the two differ by more than those places the report is at fault.
"""

from __future__ import annotations

from alliance.measures.fhir.read import measures_from_report
from alliance.measures.fhir.terms import RELEASES, Reported, reported
from alliance.measures.fhir.write import report_from_measures

__all__ = ["RELEASES", "Reported", "measures_from_report", "report_from_measures", "reported"]
