"""The people of a whole country, on the embedded telephone network, in the engine's time.

House rules: they use a telephone, as anybody does, and what an agent's screen shows and lets her
do; nothing here reaches into the engine. Whatever they do they do at a moment that `happenings`
keeps; what the network or the engine answers only makes them plan the next thing. Only
`simulations.draws` is random: a seed and an hour give the same people, whenever the crowd began.
"""
