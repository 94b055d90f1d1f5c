"""The simulator held to exact results: known queues, and a day that others have worked out.

`python -m simulations.reference cases FILE` runs queueing models whose results are known exactly;
`python -m simulations.reference day FILE` a day of calls with what became of each.
"""
