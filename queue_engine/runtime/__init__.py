"""The one loop that drives the core: inbox, clock, journal, feeds."""
