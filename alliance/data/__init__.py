"""Files of results: reading them into raw texts with their places, and writing tables and templates.

No cell is understood here, and none becomes a float: what a text means is the contract's to say.
"""
