"""An environment for measures that are counted away from a settlement."""

from __future__ import annotations

from alliance.contract.formula import tree as t
from alliance.contract.values import Value
from alliance.measures.reader import RowEnv


class Given(RowEnv):
    """Some inputs have the value of one agreement; what stands around it answers the rest."""

    __slots__ = ()

    def read(self, ref: t.Ref) -> Value:
        ours = ref.kind == "input" and not ref.attribute and ref.name in self.fields
        return self.fields[ref.name] if ours else self.outer.read(ref)
