"""Letters of the town hall to a shop whose listing nobody keeps: by post, or by e-mail.

Each holds a code (`codes`): with it the merchant says that all is right, or takes the listing over.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from merchants.access_codes import display_code
from merchants.french import of_place
from merchants.letters import LetterValues, letter_pdf
from merchants.models import Commune, Shop, ShopStatus, User
from merchants.models.claim import CodeChannel
from merchants.models.history import Action
from merchants.opening_hours import holiday_text, usual_week

from . import codes, mail, town_hall
from .errors import WorkflowError
from .history import IN_HIS_PLACE, already_done, capacity_of, is_kept, locked, not_permitted

EMAILS_EVERY = timedelta(days=1)  # To one shop, at most: nobody is harassed by a town hall.


class Fact(NamedTuple):
    """One thing that a listing says, in words."""

    label: str
    lines: tuple[str, ...]

    @property
    def line(self) -> str:
        return "\u202f; ".join(self.lines)


def prepare(shop: Shop, *, by: User, now: datetime) -> bytes:
    """The letter to print, to post or to hand over: a PDF in French.

    Effects: a code, in the place of those of older letters; a history entry.
    """
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        held = _addressed(shop, by)
        code = codes.issue(held, channel=CodeChannel.POST, by=by, now=now)
        return letter_pdf(_values(held, code, now=now))


def send_email(shop: Shop, *, by: User, now: datetime, expected_version: int | None = None) -> None:
    """The same to the e-mail address of the listing, with a link in the place of the QR code.

    Effects: a code, in the place of those of older mails; a history entry; the mail. At most one
    in EMAILS_EVERY. A second click sends nothing.
    """
    with transaction.atomic():
        held = _addressed(shop, by)
        note = CodeChannel.EMAIL.value
        if already_done(held, Action.CODE, by=by, version=expected_version, note=note):
            return
        if emailed_at(held, now=now):
            raise WorkflowError(
                _("Un courriel est déjà parti pour cette fiche\u00a0: attendez un jour.")
            )
        code = codes.issue(held, channel=CodeChannel.EMAIL, by=by, now=now)
        with translation.override(settings.LANGUAGE_CODE):
            context = {
                "shop": held,
                "town_hall": town_hall.name_of(held.commune),
                "contact": town_hall.contact_words(held.commune),
                "facts": facts(held),
                "url": codes.link_of(code),
                "until": _day(held, now + codes.LASTS),
            }
        mail.send("on_behalf", held.email, context, language=settings.LANGUAGE_CODE, private=True)


def emailed_at(shop: Shop, *, now: datetime) -> datetime | None:
    """When the shop was last written to, if that is too recent to write again. One query."""
    sent = shop.history.filter(action=Action.CODE, note=CodeChannel.EMAIL.value)
    sent = sent.filter(at__gt=now - EMAILS_EVERY)
    return sent.values_list("at", flat=True).first()


def printed_at(shop: Shop, *, now: datetime) -> datetime | None:
    """When the last letter was made whose code still works: the next one ends it. One query."""
    posted = shop.codes.filter(channel=CodeChannel.POST, used_at=None, expires_at__gt=now)
    return posted.values_list("issued_at", flat=True).first()


def facts(shop: Shop) -> list[Fact]:
    """What the listing says, in the words of the active language. Prefetch as `locked` does."""
    unknown = _("non communiqué")
    kinds = [str(category.label) for category in shop.categories.all()]
    phone = shop.phone_display or unknown
    if shop.phone and not shop.phone_is_public:
        phone = _("%(phone)s (caché aux habitants)") % {"phone": phone}
    services = [str(service.get_kind_display()) for service in shop.services.all()]
    return [
        Fact(_("Nom"), (shop.name,)),
        Fact(_("Activité"), (", ".join(kinds) or unknown,)),
        Fact(_("Adresse"), (_address(shop) or unknown,)),
        Fact(_("Téléphone"), (phone,)),
        Fact(_("Services"), (", ".join(services) or _("aucun"),)),
        Fact(_("Horaires"), tuple(_hours(shop)) or (_("non communiqués"),)),
    ]


def _addressed(shop: Shop, by: User) -> Shop:
    """The locked listing, that somebody of the town hall may write to the merchant about."""
    held = locked(shop)
    if capacity_of(by, held) not in IN_HIS_PLACE:
        raise WorkflowError(not_permitted())
    if is_kept(held):
        raise WorkflowError(_("Un commerçant tient déjà cette fiche."))
    if held.status == ShopStatus.CLOSED:
        raise WorkflowError(
            _("«\u00a0%(name)s\u00a0» a fermé définitivement.") % {"name": held.name}
        )
    return held


def _values(shop: Shop, code: str, *, now: datetime) -> LetterValues:
    commune = shop.commune
    name = town_hall.name_of(commune)
    return LetterValues(
        title=_("Votre fiche «\u00a0%(name)s\u00a0» dans l’annuaire des commerces %(of_place)s")
        % {"name": shop.name, "of_place": of_place(commune.name)},
        sender=tuple(_sender(commune, name)),
        recipient=tuple(_recipient(shop)),
        place_and_date=_("%(place)s, le %(date)s")
        % {"place": commune.name, "date": _day(shop, now)},
        opening=(
            _("Madame, Monsieur,"),
            " ".join((_why(shop), _where(shop), _("Voici ce qu’elle dit\u00a0:"))),
        ),
        facts=tuple(facts(shop)),
        heading=_("Que faire\u202f?"),
        steps=(
            _(
                "Scannez le dessin avec votre téléphone, ou tapez le code ci-dessous "
                "à l’adresse %(url)s"
            )
            % {"url": _shown(mail.address_of("code"))},
            _("Tout est exact\u202f? Dites-le d’un geste, sans créer de compte."),
            _("À corriger\u202f? Reprenez la fiche\u00a0: vous la tiendrez vous-même."),
        ),
        code=display_code(code),
        code_url=codes.link_of(code),
        code_note=_(
            "Ce code permet de reprendre la fiche une seule fois, jusqu’au %(date)s, et remplace "
            "ceux de nos lettres précédentes. Il donne la main sur votre fiche\u00a0: gardez-le "
            "pour vous."
        )
        % {"date": _day(shop, now + codes.LASTS_BY_POST)},
        closing=(
            _(
                "Vous ne voulez pas figurer dans cet annuaire, ou une information vous gêne\u202f? "
                "Pour faire corriger ou retirer la fiche, %(contact)s."
            )
            % {"contact": town_hall.contact_words(commune)},
            name,
        ),
    )


def _why(shop: Shop) -> str:
    if shop.on_behalf:
        return _("La mairie a préparé pour vous la fiche de votre commerce.")
    return _("Votre commerce a une fiche dans l’annuaire, que personne ne tient encore.")


def _where(shop: Shop) -> str:
    if shop.status == ShopStatus.PUBLISHED:
        return _("Les habitants la voient déjà.")
    return _("Elle n’est pas encore en ligne.")


def _sender(commune: Commune, name: str) -> Iterable[str]:
    yield name
    yield from filter(None, map(str.strip, commune.town_hall_address.splitlines()))
    yield from filter(None, (commune.town_hall_phone_display, commune.town_hall_email))


def _recipient(shop: Shop) -> Iterable[str]:
    """NF Z 10-011: from the name to the locality, which is in capitals."""
    yield shop.name
    yield from filter(None, (shop.address_extra, shop.address_line.replace(",", "")))
    yield f"{shop.postcode} {shop.city or shop.commune.name}".strip().upper()


def _address(shop: Shop) -> str:
    if not shop.street:
        return shop.service_area
    city = f"{shop.postcode} {shop.city or shop.commune.name}".strip()
    return ", ".join(filter(None, (shop.address_line, shop.address_extra, city)))


def _hours(shop: Shop) -> Iterable[str]:
    rows = usual_week(shop.schedule, _)
    for row in rows:
        yield _("%(days)s\u00a0: %(hours)s") % {"days": row.days, "hours": row.hours}
    if rows:
        yield holiday_text(shop.schedule, _)


def _day(shop: Shop, at: datetime) -> str:
    return date_format(at.astimezone(ZoneInfo(shop.commune.timezone)), "j F Y")


def _shown(url: str) -> str:
    """An address as one types it."""
    return url.removeprefix("https://").removeprefix("http://")
