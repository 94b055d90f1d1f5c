"""How many nurses a target needs, hour by hour: Erlang A guesses, the simulation judges.

House rules: `target` says what is promised, `ladder` has each region's staffings from few to many,
`search` climbs them by what runs of the very core come to. Equal seeds give equal staffings.
"""
