import re
from pathlib import Path

from django.core.management.base import CommandError
from django.core.management.commands import makemessages
from django.core.management.utils import popen_wrapper

ESCAPE = re.compile(r"\\\\u([0-9a-f]{4})")
CREATION_DATE = re.compile(r'^"POT-Creation-Date:.*\n', re.MULTILINE)


class Command(makemessages.Command):
    """Django's, with our options, so that the catalogue changes only when a sentence does.

    xgettext leaves Python's escapes as they are written: a no-break space of the source would not
    be the one that is looked up at run time. Once unescaped, a sentence of the code may also be one
    of the templates: both become one entry.
    """

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(
            locale=["en"],
            no_wrap=True,
            no_obsolete=True,
            add_location="file",
            ignore_patterns=[".venv", "var", "tests"],
        )

    def build_potfiles(self):
        potfiles = super().build_potfiles()
        for potfile in map(Path, potfiles):
            text = CREATION_DATE.sub("", potfile.read_text(encoding="utf-8"))
            text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
            potfile.write_text(text, encoding="utf-8")
            command = ["msguniq", *self.msguniq_options, "-o", str(potfile), str(potfile)]
            _, errors, status = popen_wrapper(command)
            if status:
                raise CommandError(errors)
        return potfiles
