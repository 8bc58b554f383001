"""The formula language: one grammar, one typed tree, several readers of it.

`parse` reads text into a tree, `check` gives every node its unit and every name its meaning, `evaluate` compiles the
tree to exact evaluation, `english` says it in words. No reader has logic of its own about what a formula means: the
operations are in `operations`.
"""
