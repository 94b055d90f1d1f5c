"""What regions gain and lose by answering for each other: `README.md` tells what came of it.

House rules: every figure of the write-up comes from `results/`, and these from runs with the same
callers under each of the rules compared. What a part has found is plain values, in a fixed order.
"""
