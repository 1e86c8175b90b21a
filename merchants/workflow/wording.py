"""Plain values in French words: for the history, a proposal, and a stale page's sentence."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import Category, Shop, ShopStatus, User
from merchants.models.hours import HolidayRule, SpecialKind
from merchants.models.member import MemberRole
from merchants.models.service import ServiceKind, ServiceOption
from merchants.models.shop import LocationPrecision, LocationSource, PaymentMeans, StepFree
from merchants.opening_hours import Period, usual_week
from merchants.opening_hours.phrases import full_date_text
from merchants.opening_hours.tables import periods_text
from merchants.phone import display_phone

from .errors import Conflict
from .values import Changes, week_of

LABELS = {
    "commune": gettext_lazy("commune"),
    "point": gettext_lazy("point sur la carte"),
    "categories": gettext_lazy("autres catégories"),
    "services": gettext_lazy("services"),
    "hours": gettext_lazy("horaires"),
    "specials": gettext_lazy("fermetures et congés"),
    "members": gettext_lazy("personnes"),
    "photos": gettext_lazy("photos"),
    "status": gettext_lazy("état"),
}
CHOICES = {
    "status": ShopStatus,
    "holiday_rule": HolidayRule,
    "step_free": StepFree,
    "location_source": LocationSource,
    "location_precision": LocationPrecision,
}
# Of each value, in the sentence of a conflict: characters.
LONGEST_TOLD = 120
# Told with what they belong to, not on lines of their own; or for the way back alone.
SILENT = {"location_source", "location_precision", "undo"}


def label(field: str) -> str:
    """What a field is called, with a capital letter."""
    text = str(LABELS.get(field) or Shop._meta.get_field(field).verbose_name)
    return text[:1].upper() + text[1:]


class Words:
    """Says values. Names of categories and people are read once, and only where needed."""

    def __init__(self, users: Iterable[int] = ()):
        self._users = set(users)

    @classmethod
    def for_changes(cls, several: Iterable[Changes]) -> "Words":
        """With the names of the people that those changes speak of."""
        people = [value for changes in several for value in changes.get("members", ())]
        return cls(value["user"] for value in people if value)

    def lines(self, changes: Changes) -> list[tuple[str, str, str]]:
        """(field's name, old value, new value) for each change that is told."""
        return [
            (label(field), self.value(field, old), self.value(field, new))
            for field, (old, new) in changes.items()
            if field not in SILENT
        ]

    def value(self, field: str, value: Any) -> str:
        """A plain value in words; "" for none."""
        if value in ("", None, []):
            return ""
        special = getattr(self, f"_{field}", None)
        if special:
            return special(value)
        if field in CHOICES:
            return str(CHOICES[field](value).label)
        if isinstance(value, bool):
            return _("oui") if value else _("non")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return str(value)

    def _phone(self, value: str) -> str:
        return display_phone(value)

    def _point(self, value: list[float]) -> str:
        return f"{value[0]:.5f}, {value[1]:.5f}"

    def _main_category(self, slug: str) -> str:
        return self._category_names.get(slug, slug)

    def _categories(self, slugs: list[str]) -> str:
        return ", ".join(self._category_names.get(slug, slug) for slug in slugs)

    def _payment_means(self, codes: list[str]) -> str:
        known = {means.value: str(means.label) for means in PaymentMeans}
        return ", ".join(known.get(code, code) for code in codes)

    def _hours(self, osm: str) -> str:
        rows = usual_week(week_of(osm), _)
        return "\u202f; ".join(f"{row.days}\u00a0: {row.hours}" for row in rows)

    def _specials(self, specials: list[dict]) -> str:
        return "\u202f; ".join(_special(special) for special in specials)

    def _services(self, services: list[dict]) -> str:
        return "\u202f; ".join(_service(service) for service in services)

    def _members(self, member: dict) -> str:
        name = self._user_names.get(member["user"]) or _("un compte supprimé")
        return f"{name} ({MemberRole(member['role']).label})"

    @cached_property
    def _category_names(self) -> dict[str, str]:
        return {category.slug: category.label for category in Category.objects.all()}

    @cached_property
    def _user_names(self) -> dict[int, str]:
        users = User.objects.in_bulk(self._users) if self._users else {}
        return {pk: user.public_name for pk, user in users.items()}


def conflict(differences: Changes, *, version: int) -> Conflict:
    """The exception of a stale page, whose sentence gives both values of each field."""
    words = Words()
    told = [
        _(
            "%(field)s\u00a0: actuellement «\u00a0%(theirs)s\u00a0», "
            "chez vous «\u00a0%(ours)s\u00a0»"
        )
        % {
            "field": name,
            "theirs": _cut(theirs) or _("rien"),
            "ours": _cut(ours) or _("rien"),
        }
        for name, theirs, ours in words.lines(differences)
    ]
    sentence = _(
        "La fiche a été modifiée pendant que vous écriviez. %(told)s. "
        "Rien n’est perdu\u00a0: relisez, puis enregistrez pour garder ce qui est écrit ici."
    ) % {"told": "\u202f; ".join(told)}
    return Conflict(sentence, differences=differences, version=version)


def _cut(text: str) -> str:
    return Truncator(text).chars(LONGEST_TOLD)


def _special(special: dict) -> str:
    start, end = (date.fromisoformat(special[name]) for name in ("start", "end"))
    if start == end:
        days = full_date_text(start, _)
    else:
        days = _("du %(start)s au %(end)s") % {
            "start": full_date_text(start, _),
            "end": full_date_text(end, _),
        }
    what = str(SpecialKind(special["kind"]).label)
    if special["periods"] and start == end:
        what = periods_text([Period(*row) for row in special["periods"]], _)
    reason = f" ({special['reason']})" if special["reason"] else ""
    return f"{days}\u00a0: {what}{reason}"


def _service(service: dict) -> str:
    details = []
    for name, value in service.items():
        if name != "kind":
            title = str(ServiceOption._meta.get_field(name).verbose_name)
            details.append(f"{title}\u00a0: {value}")
    text = str(ServiceKind(service["kind"]).label)
    return f"{text} ({', '.join(details)})" if details else text
