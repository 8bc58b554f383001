"""The codes of the faults that settling can find: AC110 to AC166."""

from __future__ import annotations

CODES: dict[str, str] = {
    # the period, and the opening
    "AC110": "Not a period of the contract",
    "AC120": "The opening state cannot be read",
    "AC121": "A balance of something that is not an account",
    "AC122": "Not a saved settlement",
    # what is brought
    "AC130": "A value that the contract does not ask for",
    "AC131": "A single value where records are wanted",
    "AC132": "Not a party or category that the value is by",
    "AC133": "A value is given twice",
    "AC134": "Not a status",
    "AC135": "The value cannot be read, or is past its bounds",
    "AC136": "Not records of the contract",
    "AC137": "A field of the records is missing, or is not one",
    "AC138": "A field of a record cannot be read",
    "AC139": "A record that is given twice",
    # working it out
    "AC140": "A number grew past what can be settled",
    "AC141": "Something undetermined that has to be determined",
    "AC142": "A part of a period that was settled as a whole",
    "AC150": "A worked example of the contract fails",
    # many agreements in a table
    "AC160": "The table has no such key column",
    "AC161": "The table lacks a column that the contract reads",
    "AC162": "A row without the name of its agreement",
    "AC163": "Two rows for one agreement",
    "AC164": "A table without agreements",
    "AC165": "Records of an agreement that the table does not have",
    "AC166": "No such agreement in the table",
}
