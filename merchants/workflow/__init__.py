"""Every change of state, and every write that touches several rows: one function each.

Keyword-only, `by=` the person who acts (None for the command line and imports), one transaction
with the listing's row locked, one history entry, mail on commit, and a docstring that lists the
effects in order.
"""

from .errors import Conflict, WorkflowError

__all__ = ["Conflict", "WorkflowError"]
