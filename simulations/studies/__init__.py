"""Studies: questions put to the simulator, with their answers written down beside them.

House rules: a study may use all of `simulations.scenario`; its figures come from runs alone.
"""
