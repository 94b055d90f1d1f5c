"""Telephone switches: Asterisk messages in, commands out; events in, Asterisk actions out."""
