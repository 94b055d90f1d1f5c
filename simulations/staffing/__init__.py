"""How many nurses a target needs, by the half-hour: Erlang A guesses, the simulation judges.

House rules: `target` says what is promised, `load` what there is to do at each time, `ladder` has
each region's staffings from few to many, `search` climbs them by what runs of the very core come
to, and `written` is a scenario with what was found. Equal seeds give equal staffings.
"""
