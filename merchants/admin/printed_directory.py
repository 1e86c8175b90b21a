"""« Annuaire à imprimer »: what it shall look like, and the PDF."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchants.forms.printed_directory import PrintedDirectoryForm
from merchants.opendata.printing import printed_directory
from merchants.printed_directory import directory_pdf

from .pages import choosable, render_page, town_hall_page

TITLE = _("Annuaire à imprimer")


@town_hall_page(
    "annuaire/",
    name="printed_directory",
    title=TITLE,
    help=_("Un PDF à poser au guichet, par activité ou par rue, aussi en gros caractères."),
    of_commune=True,
    methods=("GET", "HEAD"),
)
def printed_directory_page(request, commune):
    return _page(request, commune, PrintedDirectoryForm())


@town_hall_page(
    "annuaire/annuaire.pdf",
    name="printed_directory_pdf",
    of_commune=True,
    methods=("GET", "HEAD"),
)
def printed_directory_pdf(request, commune):
    """What cannot be understood leads back to the choices, as they were."""
    form = PrintedDirectoryForm(request.GET)
    if not form.is_valid():
        return _page(request, commune, form, status=400)
    directory = printed_directory(commune, form.choices, now=timezone.now())
    response = HttpResponse(directory_pdf(directory), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="annuaire-{commune.slug}.pdf"'
    return response


def _page(request, commune, form, *, status: int = 200):
    context = {
        "commune": commune,
        "communes": choosable(request),
        "form": form,
        "number": commune.shops.published().count(),
    }
    return render_page(request, "printed_directory", context, title=TITLE, status=status)
