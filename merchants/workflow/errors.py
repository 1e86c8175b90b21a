class WorkflowError(Exception):
    """A write that the rules refuse; the message is a French sentence for the person."""
