"""French typography in the sentences of the code; those of the templates: views/test_pages.py.

U+00A0 before a colon and inside guillemets, U+202F before ; ! and ?, the apostrophe ’ and the
ellipsis …, as the Imprimerie nationale sets them.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_project import ROOT, python_files

SOURCES = [
    path
    for path in python_files()
    if path.relative_to(ROOT).parts[0] in {"merchants", "commerce_local"}
    and "migrations" not in path.parts
]
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
# Calls whose strings are read by machines, or by the person who writes the code.
TECHNICAL = {"compile", "sub", "search", "match", "fullmatch", "split", "join", "debug", "info"}
# A mark ends a word or stands alone: "uber ?eats" is a pattern, ": " a separator.
MISPLACED = re.compile(
    r"«(?!\u00a0)|(?<!\u00a0)»|(?<=\w)[ \u202f]:(?!\S)|(?<=\w)[ \u00a0][;!?](?!\S)"
    r"|(?<=[»)}]) [:;!?](?!\S)|(?<=[a-zà-ÿ])'(?=[a-zà-ÿ])|(?<=\w)\.\.\."
)


def called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of all strings that somebody may read on a screen.

    What a call of gettext or a `raise` says, whatever it is, and elsewhere all that looks French;
    docstrings and patterns are left out. The values in an f-string stand as {}.
    """
    yield from _sentences(tree, sure=False)


def _sentences(node: ast.AST, *, sure: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call):
        if called(node) in TECHNICAL:
            return
        sure = sure or called(node) in GETTEXT
    if isinstance(node, ast.Raise):
        sure = True
    text = None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    if isinstance(node, ast.JoinedStr):
        text = "".join(
            part.value if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    if text is None:
        for child in ast.iter_child_nodes(node):
            yield from _sentences(child, sure=sure)
    elif sure or (re.search("[à-ÿœ’«»]", text) and "\\" not in text):
        yield node.lineno, text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_french_typography(path: Path):
    wrong = [
        f"line {line}: {text}"
        for line, text in sentences(ast.parse(path.read_text()))
        if MISPLACED.search(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "_('Une phrase : la suite')",
        "_('Une phrase\\u202f: la suite')",
        "_('Vous\\u00a0?')",
        "_('Vous ?')",
        "x = 'Le mot « juste » est dit'",
        "raise Problem(f'« {text} » ne va pas')",
        "raise Problem(f'{field} : {problem}')",
        "gettext_lazy('l\\'heure')",
        "self.stdout.write('Terminé...')",
        "stop(f'« {name}\\u00a0»', 2)",
    ],
)
def test_the_test_sees_what_is_wrong(source):
    (found,) = sentences(ast.parse(source))
    assert MISPLACED.search(found[1])


def test_the_test_leaves_what_is_right():
    source = '''
"""Un module : sa notice."""
re.compile("é ?(?P<a>x) : y")
_("Vous\\u202f? Dites\\u00a0: «\\u00a0l’heure\\u00a0»\\u202f; puis…")
x = {"a": " ; ", "b": "http://exemple"}
'''
    assert [text for _line, text in sentences(ast.parse(source)) if MISPLACED.search(text)] == []
