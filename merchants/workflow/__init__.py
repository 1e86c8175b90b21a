"""Every change of state, and every write that touches several rows: one function each.

Keyword-only, `by=` the person who acts (None for the command line and imports), one transaction,
and a docstring that lists the effects in order.
"""

from .errors import WorkflowError

__all__ = ["WorkflowError"]
