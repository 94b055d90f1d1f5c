"""A telephone network in memory: callers, phones and the dialplan between them, without a switch.

House rules: it behaves as `deploy/asterisk/extensions.conf` does and reports what it would, so that
the engine cannot tell the two apart; one contract suite runs against both. Everything happens in
one event loop and at the moments of the clock that is given.
"""
