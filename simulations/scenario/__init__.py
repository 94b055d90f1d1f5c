"""What-if in virtual time: calls, nurses and rules as a file describes them, run by the very core.

House rules: `model` says what a scenario is, `file` reads one, `run` lets one seed of it happen
under one policy; what comes of it is counted from the records alone (`tally`). Nothing here decides
who answers whom.
"""
