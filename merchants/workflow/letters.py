"""Letters of the town hall to a shop whose listing nobody keeps: by post, or by e-mail.

Each holds a code (`codes`): with it the merchant says that all is right, or takes the listing over.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from merchants.access_codes import display_code
from merchants.french import of_place
from merchants.letters import LetterValues, letter_pdf, letters_pdf
from merchants.models import Commune, HistoryEntry, Objection, Shop, ShopStatus, User
from merchants.models.claim import CodeChannel
from merchants.models.history import Action
from merchants.opening_hours import holiday_text, usual_week
from merchants.opening_hours.phrases import full_date_text

from . import codes, mail, town_hall
from .errors import WorkflowError
from .history import (
    IN_HIS_PLACE,
    already_done,
    capacity_of,
    is_kept,
    locked,
    not_permitted,
    refuse_merged,
)

EMAILS_EVERY = timedelta(days=1)  # To one shop, at most: nobody is harassed by a town hall.
# Of many letters at once: how many, and how soon after them a second batch is a second click.
BATCH, BATCHES_APART = 200, timedelta(minutes=1)


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
        mail.send(
            "on_behalf",
            held.email,
            context,
            language=settings.LANGUAGE_CODE,
            commune=held.commune,
            private=True,
        )


@dataclass(frozen=True)
class Batch:
    """What came of many at once: how many were made, and who got none, with the reason."""

    made: int
    left_out: tuple[tuple[Shop, str], ...]
    pdf: bytes = b""


def prepare_all(shops: Collection[Shop], *, by: User, now: datetime) -> Batch:
    """The letters to print and to post, in one PDF, in the order of the shops; BATCH at most.

    Effects, in one transaction: for each shop that a letter may go to, a code, in the place of
    those of older letters, and a history entry. The others are left out. Raises WorkflowError, with
    nothing written, where nobody is left, and where one of the shops has just had a letter: a
    second click would end the codes of what the first one prints.
    """
    refuse_many(shops)
    numbers = sorted(shop.pk for shop in shops)
    letters: list[LetterValues] = []
    left_out: list[tuple[Shop, str]] = []
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        list(Shop.objects.select_for_update().filter(pk__in=numbers).order_by("pk").values("pk"))
        _refuse_second_click(numbers, now)
        objectors = _objectors(numbers)
        for shop in shops:
            try:
                if shop.pk in objectors:
                    raise WorkflowError(objected())
                held = _addressed(shop, by)
                if not has_address(held):
                    raise WorkflowError(no_address())
                code = codes.issue(held, channel=CodeChannel.POST, by=by, now=now)
            except WorkflowError as error:
                left_out.append((shop, str(error)))
            else:
                letters.append(_values(held, code, now=now))
        if not letters:
            raise WorkflowError(_nobody_left(left_out))
        title = _("Lettres aux commerces %(of_place)s") % {"of_place": of_place(held.commune.name)}
    # Setting the pages takes seconds, in which others may write.
    return Batch(len(letters), tuple(left_out), letters_pdf(letters, title=title))


def send_all(shops: Collection[Shop], *, by: User, now: datetime) -> Batch:
    """The same by e-mail; BATCH at most. What one shop does not get keeps nobody from the others.

    Effects: those of `send_email`, each in a transaction of its own.
    """
    refuse_many(shops)
    left_out: list[tuple[Shop, str]] = []
    objectors = _objectors([shop.pk for shop in shops])
    for shop in shops:
        try:
            if shop.pk in objectors:
                raise WorkflowError(objected())
            send_email(shop, by=by, now=now)
        except WorkflowError as error:
            left_out.append((shop, str(error)))
    return Batch(len(shops) - len(left_out), tuple(left_out))


def has_address(shop: Shop) -> bool:
    """Whether the post finds it."""
    return bool(shop.street or shop.address_extra)


def no_address() -> str:
    return _("Cette fiche n’a pas d’adresse\u00a0: la poste ne la trouverait pas.")


def objected() -> str:
    return _("Ce commerce ne veut pas figurer dans l’annuaire\u00a0: on ne lui écrit plus.")


def refuse_many(shops: Collection[Shop]) -> None:
    if not shops:
        raise WorkflowError(_("Choisissez au moins un commerce."))
    if len(shops) > BATCH:
        raise WorkflowError(_("%(n)s commerces à la fois, pas plus.") % {"n": BATCH})


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
    refuse_merged(held)
    if held.status == ShopStatus.CLOSED:
        raise WorkflowError(
            _("«\u00a0%(name)s\u00a0» a fermé définitivement.") % {"name": held.name}
        )
    return held


def _refuse_second_click(numbers: list[int], now: datetime) -> None:
    """The rows are locked: whoever made letters for them at the same time is done. One query."""
    just_made = HistoryEntry.objects.filter(
        shop__in=numbers,
        action=Action.CODE,
        note=CodeChannel.POST.value,
        at__gt=now - BATCHES_APART,
    )
    if just_made.exists():
        raise WorkflowError(
            _(
                "Des lettres viennent d’être préparées pour ces commerces\u00a0: regardez dans vos "
                "téléchargements. Si elles n’y sont pas, recommencez dans une minute."
            )
        )


def _objectors(numbers: list[int]) -> set[int]:
    """Which of these shops do not want to stand in the directory of their commune. One query."""
    sirets = Objection.objects.filter(siret=OuterRef("siret"), commune=OuterRef("commune"))
    chosen = Shop.objects.filter(Exists(sirets), pk__in=numbers)
    return set(chosen.values_list("pk", flat=True))


def _nobody_left(left_out: list[tuple[Shop, str]]) -> str:
    shop, sentence = left_out[0]
    words = {"name": shop.name, "sentence": sentence}
    return _("Aucune lettre à préparer. %(name)s\u00a0: %(sentence)s") % words


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
    return full_date_text(at.astimezone(ZoneInfo(shop.commune.timezone)), _)


def _shown(url: str) -> str:
    """An address as one types it."""
    return url.removeprefix("https://").removeprefix("http://")
