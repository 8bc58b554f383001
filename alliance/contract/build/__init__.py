"""From the file's shape to its meaning: names resolved, formulas checked, entries made, every fault collected."""
