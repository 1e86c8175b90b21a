"""The one exception of this package, with a French sentence for the user."""


def gettext_noop(message: str) -> str:
    """Mark a sentence for xgettext and return it unchanged (this leaf imports no Django)."""
    return message


class OpeningHoursError(ValueError):
    """Opening hours that cannot be read or held.

    `str(error)` is the French sentence; `part` is the very piece that was not understood.
    A caller with a catalogue may show `gettext(error.template) % error.params` instead.
    """

    def __init__(self, template: str, part: str = "", **params: object):
        self.template = template
        self.part = part
        self.params = {"part": part, **params}
        super().__init__(template % self.params)
