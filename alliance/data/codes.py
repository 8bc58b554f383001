"""The codes of the faults that a data file can have: AC200 to AC249."""

from __future__ import annotations

CODES: dict[str, str] = {
    # the file
    "AC200": "The file cannot be opened",
    "AC201": "Not an ordinary file",
    "AC202": "This kind of file is not read",
    "AC203": "The file is too large",
    "AC204": "An extra is not installed",
    "AC205": "The file is not UTF-8 text",
    "AC206": "A character that cannot be seen",
    # tables
    "AC207": "The table has no header",
    "AC208": "A column without a name",
    "AC209": "Two columns of one name",
    "AC210": "Too many columns",
    "AC211": "Too many rows or cells",
    "AC212": "A cell or line is too long",
    "AC213": "A row is shorter or longer than the header",
    "AC214": "The quotes or separators of a text table are wrong",
    # workbooks and numbers held in binary
    "AC215": "The workbook cannot be read",
    "AC216": "The workbook unpacks to too much",
    "AC217": "There is no such sheet",
    "AC218": "A number with the rounding error of a calculation",
    "AC219": "A number that is not finite",
    "AC220": "A cell that shows an error",
    "AC221": "A formula without a stored result",
    # Parquet
    "AC222": "The Parquet file cannot be read",
    "AC223": "A Parquet column of a type that is not read",
    # JSON and YAML
    "AC224": "The JSON cannot be read",
    "AC225": "Nested too deep, or too many values",
    "AC226": "A key is written twice",
    "AC227": "Not a list of flat records",
    # dates of workbooks
    "AC228": "A date of a workbook from before March 1900",
    # the results that a settlement brings
    "AC230": "A column is missing",
    "AC231": "An unknown column",
    "AC232": "A table with a column for each name",
    "AC233": "A value without a name",
    "AC234": "One value is given twice",
    "AC235": "The entry is not understood",
    "AC236": "One name for a value and for records",
    # writing
    "AC240": "The folder does not exist",
    "AC241": "The place to write to is a link",
    "AC242": "The file cannot be written",
    "AC243": "The name cannot be the name of a sheet",
    "AC249": "Reading stopped at too many faults",
}
