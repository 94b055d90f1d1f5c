"""What would have been, had other rules been in force: the same callers and nurses once more.

What people did of themselves (call, hang up, sign on, take a break) is done at its moment again;
what followed from the rules (who is rung, when they talk) is made anew, with the lengths of talks,
rings and wrap-ups that the journal tells. See `WhatIf` for what that cannot know.
"""
