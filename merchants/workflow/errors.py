class WorkflowError(Exception):
    """A write that the rules refuse; the message is a French sentence for the person."""


class Conflict(WorkflowError):
    """Somebody wrote the same values since the page was opened.

    `differences` is {field: [theirs, ours]} in plain values; `version` is what the next try must
    name, beside the page's own, to put ours in their place (`agreed`).
    """

    def __init__(self, message: str, *, differences: dict[str, list], version: int):
        super().__init__(message)
        self.differences = differences
        self.version = version
