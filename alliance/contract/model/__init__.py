"""The shape of a contract file: pydantic models of each part, before names are resolved and formulas read."""
