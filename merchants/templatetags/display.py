"""How values are shown: distances, amounts, addresses, what was confirmed and when.

`{% load display %}`. The filters used on cards cost a few microseconds each.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from merchants import french, opening_hours
from merchants.models import Shop
from merchants.models.service import ServiceKind
from merchants.models.shop import Confirmer, PaymentMeans
from merchants.opening_hours.phrases import (
    date_text,
    full_date_text,
    long_date_text,
    moment_text,
)
from merchants.opening_hours.tables import periods_text

register = template.Library()

# What would end the script element or open a comment in it (as django.utils.html.json_script).
JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}

SERVICE_ICONS = {
    ServiceKind.DELIVERY.value: "truck",
    ServiceKind.CLICK_AND_COLLECT.value: "bag",
    ServiceKind.TAKEAWAY.value: "takeaway",
    ServiceKind.PHONE_ORDER.value: "phone",
    ServiceKind.APPOINTMENT.value: "calendar",
}
SERVICE_LABELS = {kind.value: kind.label for kind in ServiceKind}
CONFIRMERS = {confirmer.value: confirmer.label for confirmer in Confirmer}


@register.filter
def bound(text: str) -> str:
    """French text whose punctuation stays with its word at the end of a line."""
    return re.sub(r" (?=[!?;])", "\u202f", re.sub(r"(?<=«) | (?=[:»])", "\u00a0", text))


@register.filter
def of_place(name: str) -> str:
    """A commune after « commerces »: "d’Asnières", "du Mans"; in English "in Asnières"."""
    if (get_language() or "fr").startswith("fr"):
        return french.of_place(name)
    return _("de %(place)s") % {"place": name}


@register.filter(expects_localtime=True)
def day_month(day: date | None) -> str:
    """A day of the year: "24 août", "1er mai"."""
    return date_text(day, _) if day else ""


@register.filter(expects_localtime=True)
def full_date(day: date | None) -> str:
    """A day: "1er novembre 2026", where Django’s `date` says "1 novembre 2026"."""
    return full_date_text(day, _) if day else ""


@register.filter(expects_localtime=True)
def moment(at: datetime | None) -> str:
    """A day and a time of day: "1er novembre 2026, 14:05"."""
    return moment_text(at, _) if at else ""


@register.filter
def km(distance: float) -> str:
    """Kilometres for people: "350 m" (to the nearest ten), "1,2 km", "14 km".

    A whole number is one that somebody chose, and is shown as such: "2 km".
    """
    if distance < 0.995:
        return f"{max(round(distance * 100) * 10, 10)}\xa0m"
    decimals = 0 if distance >= 9.95 or distance == int(distance) else 1
    return f"{number_format(round(distance, decimals), decimals)}\xa0km"  # alone, it truncates


@register.filter
def euros(amount) -> str:
    """An amount in euros, with cents only where there are some: "30 €", "2,50 €"."""
    number = number_format(amount, 0 if amount == int(amount) else 2)
    return _("%(amount)s\u00a0€") % {"amount": number}


@register.filter
def site(url: str) -> str:
    """A web address as people say it: host without "www.", and path."""
    parts = urlsplit(url)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"


@register.filter
def host(url: str) -> str:
    """The host alone, without "www."."""
    return urlsplit(url).netloc.removeprefix("www.")


@register.filter
def service_icon(kind: str) -> str:
    """The symbol of a service kind."""
    return SERVICE_ICONS[kind]


@register.filter
def service_labels(shop: Shop) -> list[str]:
    """What the shop's services are called; reads its prefetched `services`."""
    return [SERVICE_LABELS[service.kind] for service in shop.services.all()]


@register.filter
def payment_labels(codes: list[str]) -> str:
    """Payment codes as a list of words; a code we don't know is left out."""
    known = {means.value: str(means.label) for means in PaymentMeans}
    return ", ".join(known[code] for code in codes if code in known)


@register.filter
def confirmed(shop: Shop, now: datetime | None = None) -> str:
    """Who confirmed the listing and how long ago; on which date, without `now`."""
    if shop.confirmed_at is None:
        return _("Jamais confirmé")
    words = {"who": CONFIRMERS[shop.confirmed_as]}
    zone = shop.schedule.zone
    day = shop.confirmed_at.astimezone(zone).date()
    if now is None:
        words["date"] = full_date_text(day, _)
        return _("Confirmé le %(date)s par %(who)s") % words
    words["when"] = _ago((now.astimezone(zone).date() - day).days)
    return _("Confirmé %(when)s par %(who)s") % words


def _ago(days: int) -> str:
    if days < 1:
        return _("aujourd’hui")
    if days < 60:
        return ngettext("hier", "il y a %(n)s jours", days) % {"n": days}
    if days < 730:
        return _("il y a %(n)s mois") % {"n": round(days / 30.5)}
    return _("il y a %(n)s ans") % {"n": days // 365}


@register.simple_tag(takes_context=True)
def in_language(context, language: str) -> str:
    """The address of this very page in another language."""
    request = context.get("request")
    return translate_url(request.get_full_path(), language) if request else "/"


@register.simple_tag
def json_ld(data: dict) -> SafeString:
    """The data block that search engines read (schema.org); no browser runs it."""
    text = json.dumps(data, ensure_ascii=False).translate(JSON_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.simple_tag
def page_links(results) -> list[tuple[int | str, str]]:
    """The pages to go to, as (number, address); the address is empty for the gap "…"."""
    page = results.page
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [
        (number, results.page_url(number) if isinstance(number, int) else "") for number in numbers
    ]


@register.simple_tag
def map_strings() -> SafeString:
    """The sentences that the map's script says, in the language of the page."""
    return json_script(
        {
            "cluster": _("%s commerces à cet endroit, agrandir"),
            "together": _("%s commerces à cet endroit"),
            "close": _("Fermer"),
            "zoomIn": _("Agrandir"),
            "zoomOut": _("Réduire"),
            "noTiles": _("Le fond de carte n’a pas pu se charger."),
            "locateDenied": _(
                "Votre navigateur ne donne pas votre position. "
                "Vous pouvez chercher une commune par son nom."
            ),
            "locateFailed": _("Votre position n’a pas pu être trouvée. Réessayez dans un instant."),
            "feedFailed": _("La carte n’a pas pu se charger\u202f; la liste est complète."),
        },
        "map-strings",
    )


@dataclass(frozen=True)
class ComingPeriod:
    """A special period that the hours table does not show yet: its days, and what holds then."""

    days: str
    hours: str
    reason: str


@register.simple_tag
def coming_periods(shop: Shop, week) -> list[ComingPeriod]:
    """The special periods of the 60 days after the week in the table, soonest first."""
    last_shown = max(row.date for row in week)
    horizon = last_shown + timedelta(days=60)
    return [
        ComingPeriod(_days(special), _hours(special), special.reason)
        for special in shop.schedule.specials
        if special.end > last_shown and special.start <= horizon
    ]


@register.filter
def special_days(special: opening_hours.SpecialPeriod) -> str:
    """The days of a special period: "jeudi 24 décembre", "Du 24 décembre au 2 janvier"."""
    return _days(special)


@register.filter
def special_hours(special: opening_hours.SpecialPeriod) -> str:
    """What holds on the days of a special period: "fermé", its hours, "autres horaires"."""
    return _hours(special)


def _days(special: opening_hours.SpecialPeriod) -> str:
    if special.start == special.end:
        return long_date_text(special.start, _)
    words = {"start": date_text(special.start, _), "end": date_text(special.end, _)}
    return _("Du %(start)s au %(end)s") % words


def _hours(special: opening_hours.SpecialPeriod) -> str:
    if special.kind == opening_hours.SpecialKind.CLOSED:
        return _("fermé")
    if special.kind == opening_hours.SpecialKind.UNKNOWN or special.start != special.end:
        return _("autres horaires")
    return periods_text(special.periods, _)


@register.simple_tag
def holiday_sentence(shop: Shop) -> str:
    """What public holidays do to the shop's hours."""
    return opening_hours.holiday_text(shop.schedule, _)


@register.filter
def own_links(text: str) -> SafeString:
    """A text with links to this site and to whoever runs it, and to nobody else: names of people
    and shops stand in our mails, and none carries somebody's link."""
    address = re.escape(settings.CONTACT_EMAIL)
    pieces = re.split(rf"({re.escape(settings.SITE_URL)}(?:/\S*)?(?!\S)|{address or '(?!)'})", text)
    return format_html_join(
        "", "{}", ((_link(piece) if index % 2 else piece,) for index, piece in enumerate(pieces))
    )


def _link(address: str) -> SafeString:
    scheme = "" if "://" in address else "mailto:"
    return format_html('<a href="{}{}">{}</a>', scheme, address, address)
