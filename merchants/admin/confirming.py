"""The step before a decision goes out: the very letters, and one button that sends them."""

from collections.abc import Callable

from django.http import HttpResponse

from merchants.workflow.rehearsal import rehearse

from .pages import render_page

# What a browser adds to a form by itself, or a button says.
NOT_KEPT = {"csrfmiddlewaretoken", "send", "back", "preview"}


def posted_number(request, name: str, *, missing: int = 0) -> int:
    """A key or a version that a form sends; `missing` for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else missing


def confirm_page(
    request,
    decide: Callable[[], object],
    *,
    title: object,
    question: object,
    action: str,
    back: str = "",
    lines: list | None = None,
    warning: object = "",
) -> HttpResponse:
    """Shows what `decide` would write to whom; raises WorkflowError where the rules refuse it.

    The page posts to `action` what was posted to this one, with `send`; with `back`, to a page
    that shows the form again with all that was typed (a link to `back`, if it is an address).
    """
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_KEPT
        for value in values
    ]
    context = {
        "letters": rehearse(decide),
        "question": question,
        "action": action,
        "back": back,
        "kept": kept,
        "lines": lines or [],
        "warning": warning,
    }
    return render_page(request, "confirm", context, title=title)
