"""The codes of the faults that a contract can have once its file is read: AC030 to AC099, and what all files share.

Those of reading the file itself are in `alliance.contract.source`.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    "AC000": "More faults than are shown",
    # the shape of the file
    "AC030": "A key that is not known",
    "AC031": "A key that is missing",
    "AC032": "A value of another shape than is wanted",
    "AC033": "The head of the contract cannot stand",
    "AC034": "More in terms or formulas than can be worked out",
    # formulas, names and units
    "AC040": "A formula that cannot be read",
    "AC041": "A formula that does not fit its names or units",
    "AC042": "A figure that is not written in its unit",
    "AC043": "A name that is a word of the language",
    "AC044": "A name that is taken",
    "AC045": "Not a unit that can stand here",
    "AC046": "A figure out of its range",
    "AC047": "Neither a role nor a category",
    "AC048": "Neither a party nor an account",
    "AC049": "Not a way to read text",
    # totals, order and time
    "AC050": "Weights that do not total 100%",
    "AC051": "Shares that do not total 100%",
    "AC052": "Bands that overlap, or that something falls in none of",
    "AC053": "Points out of order",
    "AC054": "Parts that go round in a circle",
    "AC055": "A term without a figure for part of its life",
    "AC056": "A key that means nothing where it stands",
    "AC057": "An account of another unit",
    "AC058": "A score that pays for what is worse",
    "AC059": "A term that cannot be worked out",
    "AC060": "Not a state that a value can be in",
    "AC061": "Not something to do with a value in that state",
    "AC062": "Money taken as nothing or as before",
    "AC063": "Not a period of the contract",
    "AC064": "No parties",
    "AC065": "An end before its start",
    "AC066": "A day outside the contract's term",
    # who, and what is known
    "AC067": "A category without options, or with one twice",
    "AC068": "A decision that nobody, or one twice, can make",
    "AC069": "A term in no form, or in several",
    "AC070": "Figures that do not say what they are by",
    "AC071": "Not one of those that it is by",
    "AC072": "An input of several kinds",
    "AC073": "An input without a unit",
    "AC074": "A category without its options",
    "AC075": "Not a field of the records",
    "AC076": "Not a type of field",
    # what is worked out
    "AC077": "A measure in no form, or in several",
    "AC078": "Not a window",
    "AC079": "Not a number of cases, or not a duration",
    "AC080": "Not a confidence level",
    "AC081": "Not something that is brought",
    "AC082": "Not a span of whole months",
    "AC083": "A score in no form, or in several",
    "AC084": "A figure in no form, or in several",
    # who pays
    "AC085": "A payment that does not say who pays or is paid",
    "AC086": "A payment that does not say what it pays for",
    "AC087": "Not something to go through",
    "AC088": "Not an account",
    "AC089": "A step of no operation, or of several",
    "AC090": "Money that would come from where there is none",
    "AC091": "Nothing to pay on account before the payment settles",
    "AC092": "Not a way to share",
    "AC115": "A slice that nothing is left for",
    "AC116": "A limit that cannot do what it says",
    # changes and proofs
    "AC093": "A change of steps of no kind, or of several",
    "AC094": "Not a payment or step that can be changed",
    "AC095": "A variation that changes nothing, or at no time that it may",
    "AC096": "Too many variations to check",
    "AC097": "An example that gives or expects what is not there",
    "AC098": "A payment for outcomes that rises with hours",
    "AC099": "A payment to whoever pays it",
    # what follows
    "AC170": "A pack of rules that cannot be used",
    "AC171": "A pack given something other than it asks",
    "AC172": "A rule that cannot be matched",
    "AC173": "Not something that can follow from a rule",
    "AC174": "A rule that reads what is known only after it",
    "AC175": "A rule that tests what a payment is paid by already",
    # what is asked of a contract
    "AC111": "A period outside the contract's term",
    # measures from records
    "AC112": "A measure whose records lack what it needs",
    "AC113": "A measure that asks of a record what it cannot",
    "AC114": "A measure validated by whoever is paid by it",
}
