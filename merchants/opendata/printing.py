"""Published shops as the words of the printed directory, always in French."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.conf import settings
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from merchants.french import of_place
from merchants.models import Category, Commune, Shop
from merchants.opening_hours import HolidayRule, holiday_text, usual_week
from merchants.opening_hours.phrases import full_date_text, month_text
from merchants.printed_directory import Chapter, Directory, Entry, Section
from merchants.streets import spelt_out
from merchants.text import normalise
from merchants.workflow import mail, town_hall

from .sources import source_of

BY_CATEGORY, BY_STREET = "categorie", "rue"
# The words of a way that its place in the alphabet does not depend on: "Paix (rue de la)".
_WAY = re.compile(
    r"^(?:(?:grande?|vieille|vieux|petite?)\s+)?(?:all[ée]e|avenue|boulevard|chemin|cit[ée]|cours"
    r"|esplanade|faubourg|galerie|impasse|mail|parvis|passage|place|placette|promenade|quai|quartier"
    r"|r[ée]sidence|rond-point|route|rue|ruelle|sentier|sente|square|villa|voie)s?\s+"
    r"(?:de\s+la\s+|de\s+l[’']|des\s+|du\s+|de\s+|d[’'])?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What an agent chose; without groups, all of them."""

    order: str = BY_CATEGORY
    groups: tuple[Category, ...] = ()
    large: bool = False
    with_qr: bool = True
    with_hours: bool = True


def printed_directory(commune: Commune, choices: Choices, *, now: datetime) -> Directory:
    """The directory of what residents see of a commune. Six queries, and the logo's file."""
    with translation.override(settings.LANGUAGE_CODE):
        shops = commune.shops.published().for_print()
        if choices.groups:
            shops = shops.mainly_in(choices.groups)
        shops = list(shops)
        by_street = choices.order == BY_STREET
        chapters = _by_street(shops, choices) if by_street else _by_category(shops, choices)
        today = now.astimezone(shops[0].schedule.zone if shops else now.tzinfo).date()
        site_url = mail.address_of("commune", commune.slug)
        return Directory(
            title=_("Les commerces %(of_place)s") % {"of_place": of_place(commune.name)},
            subtitle=_subtitle(choices),
            count=ngettext("%(n)s commerce", "%(n)s commerces", len(shops)) % {"n": len(shops)},
            date=_("%(month)s %(year)s")
            % {"month": month_text(today.month, _).capitalize(), "year": today.year},
            town_hall=_town_hall(commune),
            logo=_bytes_of(commune.logo),
            accent=commune.accent_color,
            site=re.sub(r"^https?://", "", site_url).rstrip("/"),
            site_url=site_url if choices.with_qr else "",
            chapters=tuple(chapters),
            empty=_("Aucun commerce n’est publié pour l’instant."),
            contents_title=_("Rues") if by_street else _("Sommaire"),
            index_title=_("Index des noms"),
            legal_title=_("À propos de cet annuaire"),
            legal=tuple(_legal(commune, shops, choices, today)),
            large=choices.large,
        )


def _by_category(shops: list[Shop], choices: Choices) -> Iterable[Chapter]:
    def group(shop: Shop) -> Category:
        return shop.main_category.parent or shop.main_category

    def place(category: Category) -> tuple:
        return category.position, category.name, category.pk

    def rank(shop: Shop) -> tuple:
        return place(group(shop)), place(shop.main_category), normalise(shop.name), shop.pk

    for chapter, of_group in groupby(sorted(shops, key=rank), key=group):
        sections = groupby(of_group, key=lambda shop: shop.main_category)
        yield Chapter(
            chapter.name,
            tuple(
                Section(
                    category.name,
                    tuple(_entry(shop, choices, _other_trades(shop)) for shop in rows),
                )
                for category, rows in sections
            ),
        )


def _by_street(shops: list[Shop], choices: Choices) -> Iterable[Chapter]:
    """One chapter; those who have no premises, or told no street, come last."""
    placed = sorted((shop for shop in shops if shop.street), key=_street_rank)
    sections = [
        _section(street_title([shop.street for shop in rows]), rows, choices)
        for rows in _runs(placed, lambda shop: normalise(spelt_out(shop.street)))
    ]
    others = sorted(
        (shop for shop in shops if not shop.street),
        key=lambda shop: (not shop.service_area, normalise(shop.name), shop.pk),
    )
    for rows in _runs(others, lambda shop: bool(shop.service_area)):
        title = _("Se déplacent chez vous") if rows[0].service_area else _("Sans adresse")
        sections.append(_section(title, rows, choices))
    if sections:
        yield Chapter("", tuple(sections))


def _section(title: str, rows: list[Shop], choices: Choices) -> Section:
    return Section(title, tuple(_entry(shop, choices, _trades(shop)) for shop in rows))


def _runs(shops: Iterable[Shop], key: Callable) -> Iterable[list[Shop]]:
    return ([*rows] for _key, rows in groupby(shops, key=key))


def street_title(spellings: list[str]) -> str:
    """The most frequent way in which a street is written, in full, with a capital."""
    whole = [spelt_out(spelling).strip() for spelling in spellings]
    title = max(dict.fromkeys(whole), key=whole.count)
    return title[:1].upper() + title[1:]


def _street_rank(shop: Shop) -> tuple:
    street = spelt_out(shop.street).strip()
    number = re.match(r"\d+", shop.house_number)
    return (
        normalise(_WAY.sub("", street)) or normalise(street),
        normalise(street),
        int(number[0]) if number else 0,
        normalise(shop.house_number),
        normalise(shop.name),
        shop.pk,
    )


def _entry(shop: Shop, choices: Choices, about: str) -> Entry:
    services = [str(service.get_kind_display()) for service in shop.services.all()]
    return Entry(
        name=shop.name,
        about=about,
        address=_address(shop),
        phone=shop.phone_display if shop.phone_is_public else "",
        hours=tuple(_hours(shop)) if choices.with_hours else (),
        services=", ".join(services),
        confirmed=_confirmed(shop),
        url=mail.address_of("shop", shop.commune.slug, shop.slug) if choices.with_qr else "",
    )


def _trades(shop: Shop) -> str:
    others = [category.name for category in _others(shop)]
    return ", ".join([shop.main_category.name, *others])


def _other_trades(shop: Shop) -> str:
    others = [category.name for category in _others(shop)]
    return _("Aussi\u00a0: %(trades)s") % {"trades": ", ".join(others)} if others else ""


def _others(shop: Shop) -> list[Category]:
    """Its other categories; not the groups, which say nothing more."""
    return [c for c in shop.categories.all() if c != shop.main_category and c.parent_id]


def _address(shop: Shop) -> str:
    """Without the town, which stands on the cover."""
    if not (shop.street or shop.address_extra):
        area = shop.service_area
        return _("Se déplace\u00a0: %(area)s") % {"area": area} if area else ""
    return ", ".join(filter(None, (shop.address_line, shop.address_extra)))


def _hours(shop: Shop) -> Iterable[str]:
    """The usual week in a few lines; public holidays where they are said to be a closed day."""
    schedule = shop.schedule
    off_on_holidays = schedule.holiday_rule == HolidayRule.CLOSED
    for row in usual_week(schedule, _):
        days, hours = row.days, row.hours.replace(" – ", "\u00a0–\u00a0")
        if hours == _("Fermé"):
            hours = _("fermé")
            if off_on_holidays:
                days = _("%(days)s, jours fériés") % {"days": days}
                off_on_holidays = False
        yield _("%(days)s\u00a0: %(hours)s") % {"days": days, "hours": hours}
    if off_on_holidays and schedule.weekly:
        yield holiday_text(schedule, _)


def _confirmed(shop: Shop) -> str:
    if shop.confirmed_at is None:
        return ""
    day = shop.confirmed_at.astimezone(shop.schedule.zone).date()
    words = {"month": month_text(day.month, _), "year": day.year}
    return _("Confirmé en %(month)s %(year)s") % words


def _subtitle(choices: Choices) -> str:
    order = _("Annuaire par rue") if choices.order == BY_STREET else _("Annuaire par activité")
    if not choices.groups:
        return order
    groups = ", ".join(group.name for group in choices.groups)
    return _("%(order)s\u00a0: %(groups)s") % {"order": order, "groups": groups}


def _town_hall(commune: Commune) -> tuple[str, ...]:
    lines = [
        town_hall.name_of(commune),
        *commune.town_hall_address.splitlines(),
        commune.town_hall_phone_display,
        commune.town_hall_email,
        re.sub(r"^https?://", "", commune.town_hall_website).rstrip("/"),
    ]
    return tuple(line.strip() for line in lines if line.strip())


def _legal(commune: Commune, shops: list[Shop], choices: Choices, today: date) -> Iterable[str]:
    name, contact = town_hall.name_of(commune), town_hall.contact_words(commune)
    yield _("Publié par %(name)s, le %(date)s.") % {
        "name": name, "date": full_date_text(today, _),
    }  # fmt: skip
    yield from filter(None, map(str.strip, commune.legal_notice.splitlines()))
    yield _(
        "Une erreur, un commerce qui manque, un commerçant qui ne veut pas y figurer\u202f? "
        "%(contact)s."
    ) % {"contact": contact[:1].upper() + contact[1:]}
    yield _(
        "Les fiches changent toute l’année\u00a0: horaires du jour, congés et nouveaux commerces "
        "sont sur %(site)s."
    ) % {"site": re.sub(r"^https?://", "", mail.address_of("commune", commune.slug)).rstrip("/")}
    if choices.with_qr:
        yield _("Le dessin carré à côté d’un commerce ouvre sa page avec un téléphone.")
    yield _(
        "«\u00a0Confirmé\u00a0» dit quand le commerçant ou la mairie a relu la fiche pour la "
        "dernière fois."
    )
    yield from attributions(shops)


def attributions(shops: Iterable[Shop]) -> Iterable[str]:
    """What the licences of these listings' sources ask for, and where the others come from.

    A licence asks for it always; without one, only what nobody confirmed is said to come from a
    file (as on the shop's page).
    """
    asked = {shop.source for shop in shops}
    unconfirmed = {shop.source for shop in shops if shop.confirmed_at is None}
    said = []
    for name in sorted(asked):
        source = source_of(name)
        if source and (source.licence or name in unconfirmed):
            words = (str(source.attribution), source.licence_url, source.attribution_url)
            said.append(" ".join(filter(None, words)))
    yield from dict.fromkeys(said)


def _bytes_of(logo: Model) -> bytes:
    """The file, if there is one: a directory is printed without a logo that is lost."""
    if not logo:
        return b""
    try:
        with logo.storage.open(logo.name) as file:
            return file.read()
    except OSError:
        return b""
