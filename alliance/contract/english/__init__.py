"""A contract in plain English: each clause as sentences that carry their clause and their place in the file.

`reading.read` reads a whole contract as it stands on a day; `needs.needs` lists what a settlement has to be brought.
The words of formulas are in `alliance.contract.formula.english`.
"""
