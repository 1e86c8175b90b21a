"""The figures of a town hall: charts, tables, and all of it as a file."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from merchants.charts import BarChart, bar_chart
from merchants.models import Commune
from merchants.opendata.files import inert
from merchants.workflow.figures import (
    SHARES,
    CategoryFigures,
    Figures,
    MonthFigures,
    choosable_months,
    figures_of,
)

from .pages import choosable, commune_of, render_page, town_hall_page

# Instead of a commune's code: all of them, for administrators.
ALL = "toutes"
NAMES = {
    "published": gettext_lazy("Fiches en ligne"),
    "waiting": gettext_lazy("En attente de la mairie"),
    "median": gettext_lazy("Délai médian de réponse (jours)"),
    "confirmed": gettext_lazy("Confirmées depuis moins de six mois"),
    "with_hours": gettext_lazy("Avec horaires"),
    "with_delivery": gettext_lazy("Avec livraison"),
    "with_pickup": gettext_lazy("Avec click & collect"),
    "claimed": gettext_lazy("Tenues par leur commerçant"),
    "views": gettext_lazy("Consultations de fiches"),
}


@town_hall_page(
    "chiffres/",
    name="figures",
    title=gettext_lazy("Chiffres"),
    help=gettext_lazy("Fiches, délais, consultations, recherches sans résultat."),
    methods=("GET", "HEAD"),
)
def figures(request):
    """Of one commune, or of all for administrators; in detail of a month."""
    commune = _commune(request)
    now = timezone.now()
    months = choosable_months(now)
    found = figures_of(commune, month=_month(request, months), now=now)
    chosen = found.months.index(found.chosen)
    context = {
        "commune": commune,
        "choices": choosable(request),
        "all": ALL if request.user.is_superuser else "",
        "months": [(f"{first:%Y-%m}", _named(first)) for first in months],
        "month": f"{found.chosen.first:%Y-%m}",
        "month_name": _named(found.chosen.first),
        "is_present": found.chosen is found.months[-1],
        "facts": _facts(found.chosen),
        "charts": [_chart(name, found.months, chosen) for name in NAMES],
        "columns": NAMES.values(),
        "rows": [
            (_named(month.first), _cells(month), month is found.chosen)
            for month in reversed(found.months)
        ],
        "category_columns": [NAMES["published"], *(NAMES[name] for name in SHARES)],
        "categories": [(row, _category_cells(row)) for row in found.categories],
        "viewed": found.viewed,
        "searches": found.searches,
        "query": request.GET.urlencode(),
    }
    return render_page(request, "figures", context, title=_title(commune))


@town_hall_page("chiffres.csv", name="figures_csv", methods=("GET", "HEAD"))
def figures_csv(request):
    """The same, one number a line; begins with the mark by which spreadsheets know UTF-8."""
    commune = _commune(request)
    now = timezone.now()
    found = figures_of(commune, month=_month(request, choosable_months(now)), now=now)
    output = io.StringIO("\ufeff")
    output.seek(0, io.SEEK_END)
    writer = csv.writer(output, delimiter=";")
    writer.writerow([_("tableau"), _("mois"), _("intitulé"), _("mesure"), _("valeur")])
    for row in _lines(found):
        writer.writerow(map(inert, row))
    response = HttpResponse(output.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"chiffres-{commune.slug if commune else ALL}-{found.chosen.first:%Y-%m}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _commune(request) -> Commune | None:
    """None: all of them. Raises Http404 for one that is not the person's."""
    if request.user.is_superuser and request.GET.get("commune") == ALL:
        return None
    return commune_of(request)


def _month(request, months: list[date]) -> date | None:
    """The month of the address, if there are figures of it; else the present one is shown."""
    asked = request.GET.get("mois", "")
    return next((first for first in months if f"{first:%Y-%m}" == asked), None)


def _title(commune: Commune | None) -> str:
    name = commune.name if commune else _("toutes les communes")
    return _("Chiffres\u00a0: %(commune)s") % {"commune": name}


def _named(first: date) -> str:
    return date_format(first, "F Y")


def _value(month: MonthFigures, name: str) -> float | None:
    if name in SHARES:
        return month.counts.share(name)
    if name == "published":
        return month.counts.published
    return month.median_days if name == "median" else getattr(month, name)


def _text(value: float | None, name: str) -> str:
    if value is None:
        return "–"
    if name in SHARES:
        return f"{round(value)}\u00a0%"
    if name == "median":
        return number_format(value, decimal_pos=1 if value < 10 else 0)
    return number_format(value, decimal_pos=0, force_grouping=True)


def _short(value: float | None, name: str) -> str:
    """The same for above a bar, where five digits have no room."""
    if value is not None and value >= 10_000:
        return f"{round(value / 1000)}k"
    return _text(value, name).replace("\u00a0", "").replace("\u202f", "")


def _cells(month: MonthFigures) -> list[str]:
    return [_text(_value(month, name), name) for name in NAMES]


def _category_cells(row: CategoryFigures) -> list[str]:
    shares = [_text(row.counts.share(name), name) for name in SHARES]
    return [str(row.counts.published), *shares]


def _facts(month: MonthFigures) -> list[tuple[object, str, str]]:
    """(name, value, how many that is) of the chosen month."""
    facts = []
    for name, label in NAMES.items():
        detail = ""
        if name in SHARES and month.counts.published:
            detail = _("%(number)s sur %(all)s") % {
                "number": _text(getattr(month.counts, name), "published"),
                "all": _text(month.counts.published, "published"),
            }
        elif name == "median" and month.decided:
            detail = ngettext("%d réponse", "%d réponses", month.decided) % month.decided
        facts.append((label, _text(_value(month, name), name), detail))
    return facts


def _chart(name: str, months: list[MonthFigures], chosen: int) -> BarChart:
    values = [_value(month, name) for month in months]
    texts = [_short(value, name) for value in values]
    labels = [date_format(month.first, "M") for month in months]
    description = _("De %(first)s (%(before)s) à %(last)s (%(after)s).") % {
        "first": _named(months[0].first),
        "before": _text(values[0], name),
        "last": _named(months[-1].first),
        "after": _text(values[-1], name),
    }
    return bar_chart(
        name,
        str(NAMES[name]),
        description,
        list(zip(labels, values, texts, strict=True)),
        marked=chosen,
        top=100 if name in SHARES else None,
    )


def _lines(found: Figures) -> Iterator[tuple[str, str, str, str, str]]:
    """(table, month, row, measure, value); numbers with a decimal comma, as French sheets do."""
    for month in found.months:
        for name, label in NAMES.items():
            yield _("mois"), f"{month.first:%Y-%m}", "", str(label), _number(_value(month, name))
        for name in SHARES:
            label = _("%(measure)s (nombre)") % {"measure": NAMES[name]}
            number = str(getattr(month.counts, name))
            yield _("mois"), f"{month.first:%Y-%m}", "", label, number
    chosen = f"{found.chosen.first:%Y-%m}"
    for row in found.categories:
        table = _("groupe") if row.is_group else _("catégorie")
        for name in ("published", *SHARES):
            yield table, chosen, row.label, str(NAMES[name]), str(getattr(row.counts, name))
    for viewed in found.viewed:
        row = f"{viewed.name} ({viewed.commune})"
        yield _("fiche"), chosen, row, str(NAMES["views"]), str(viewed.number)
    for words, number in found.searches:
        yield _("recherche sans résultat"), chosen, words, _("fois"), str(number)


def _number(value: float | None) -> str:
    return "" if value is None else str(round(value, 1)).replace(".", ",")
