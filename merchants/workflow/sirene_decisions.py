"""What an agent decides about what SIRENE tells, and about who does not want to be listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.company_search import Company
from merchants.models import Commune, Objection, Shop, ShopStatus, SireneCase, User
from merchants.models.history import Capacity
from merchants.models.sirene import SireneKind, SireneStatus
from merchants.opendata.sources import SIRENE
from merchants.opening_hours.phrases import full_date_text
from merchants.siret import SiretError, normalise_siret

from . import status
from .drafts import erase
from .errors import WorkflowError
from .history import is_kept, locked, not_permitted, role_in
from .listing import create_listing, update_listing
from .registration import listing_of
from .values import Listing

UNLISTED, CLOSED, SUCCESSOR = SireneKind
# What becomes of the listing of a business that does not want one.
HIDE, ERASE = "hide", "erase"


def accept_unlisted(case: SireneCase, *, by: User, now: datetime, name: str = "") -> Shop:
    """The agent takes what the register tells for a listing, to be completed and published.

    `name` is what stands over the door, where the agent knows better. Effects: a pending listing
    (a draft where the activity means no category) that the town hall wrote on behalf of the
    merchant, with a history entry; the case is done. Raises WorkflowError where it has no name.
    """
    with _deciding(case, by, now, UNLISTED) as held:
        shop = _create(held, by=by, now=now, name=name)
        held.shop = shop
    return shop


def accept_closed(case: SireneCase, *, by: User, now: datetime) -> Shop:
    """The establishment of a listing has closed, whoever came after it.

    Effects: the listing is closed (`status.close`), one that waits for publication is refused;
    the case is done. A listing that is closed already stays so.
    """
    with _deciding(case, by, now, CLOSED, SUCCESSOR) as held:
        return _close(held, by=by, now=now)


def accept_successor(case: SireneCase, *, by: User, now: datetime, name: str = "") -> Shop:
    """Somebody else has opened in the place of a listing.

    Effects: those of `accept_closed`, with the new name as successor, and of `accept_unlisted`.
    Returns the new listing.
    """
    with _deciding(case, by, now, SUCCESSOR) as held:
        new_name = _name(held, name)
        _close(held, by=by, now=now, successor=new_name)
        return _create(held, by=by, now=now, name=new_name)


def take_number(case: SireneCase, *, by: User, now: datetime) -> Shop:
    """It is the same shop under a new SIRET: a company that changed its form, say.

    Effects: the listing has the new number, with a history entry; the case is done.
    """
    with _deciding(case, by, now, SUCCESSOR) as held:
        shop = locked(held.shop)
        return update_listing(shop, replace(Listing.of(shop), siret=held.siret), by=by, now=now)


def dismiss(case: SireneCase, *, by: User, now: datetime) -> SireneCase:
    """Nothing is to be done, and it is not proposed again."""
    with _deciding(case, by, now, *SireneKind, status=SireneStatus.DISMISSED) as held:
        return held


def object_to_listing(
    siret: str,
    commune: Commune,
    *,
    by: User,
    now: datetime,
    shop: Shop | None = None,
    wish: str = HIDE,
) -> Objection | None:
    """A business does not want to stand in the directory (article 21 of the GDPR).

    `shop` is its listing, if it has one: without a SIRET, the wish can only be kept for that one.
    Effects: the objection, kept as the number alone; cases that wait for that number are
    dismissed; the listing, and any other live one of the commune with that number, goes
    (`withdraw_listing`). A second click changes nothing.
    """
    refuse_unless_town_hall(commune, by)
    try:
        siret = normalise_siret(siret)
    except SiretError as error:
        raise WorkflowError(str(error)) from error
    if not siret and shop is None:
        raise WorkflowError(_("Donnez le SIRET\u00a0: c’est à lui que l’opposition s’attache."))
    objection = None
    with transaction.atomic():
        if siret:
            objection, _made = Objection.objects.get_or_create(
                siret=siret, defaults={"commune": commune, "at": now, "by": by}
            )
            waiting = SireneCase.objects.waiting().filter(siret=siret, commune=commune)
            waiting.update(status=SireneStatus.DISMISSED, decided_by=by, decided_at=now)
            live = Shop.objects.in_commune(commune).filter(status__in=ShopStatus.live())
            for other in live.filter(siret=siret).exclude(pk=shop.pk if shop else None):
                withdraw_listing(other, by=by, now=now, wish=wish)
        if shop is not None:
            withdraw_listing(shop, by=by, now=now, wish=wish)
    return objection


def withdraw_listing(shop: Shop, *, by: User, now: datetime, wish: str = HIDE) -> None:
    """A listing goes out of residents' sight because its business does not want it.

    Effects: it is suspended, or refused where it waits for publication, and its owners get the
    letter that goes with that; or, with `wish` ERASE, it is deleted with its photos and its
    history. Raises WorkflowError where somebody keeps a listing that is to be erased, or another
    was merged into it.
    """
    with transaction.atomic():
        held = locked(shop)
        refuse_unless_town_hall(held.commune, by)
        if wish == ERASE:
            if is_kept(held):
                raise WorkflowError(
                    _(
                        "Quelqu’un tient cette fiche\u00a0: masquez-la, ou demandez-lui de la "
                        "fermer depuis son espace."
                    )
                )
            if Shop.objects.filter(merged_into=held).exists():
                raise WorkflowError(
                    _("Une autre fiche a été fusionnée dans celle-ci\u00a0: masquez-la.")
                )
            erase(held)
            return
        reason = _("À la demande du commerce, qui ne souhaite pas figurer dans l’annuaire.")
        if held.status == ShopStatus.PUBLISHED:
            status.suspend(held, by=by, now=now, reason=reason)
        elif held.status == ShopStatus.PENDING:
            status.refuse(held, by=by, now=now, reason=reason)


def lift_objection(objection: Objection, *, by: User, now: datetime) -> None:
    """The business has changed its mind. Effects: the objection is gone, and nothing else."""
    refuse_unless_town_hall(objection.commune, by)
    objection.delete()


# Shared by the decisions --------------------------------------------------------------------------


@contextmanager
def _deciding(
    case: SireneCase,
    by: User,
    now: datetime,
    *kinds: SireneKind,
    status: SireneStatus = SireneStatus.DONE,
) -> Iterator[SireneCase]:
    """The locked case, which is decided when the block ends; all of it in one transaction.

    Of two agents at once, the second one is told.
    """
    with transaction.atomic():
        rows = SireneCase.objects.select_for_update(of=("self",)).select_related("shop")
        held = rows.filter(pk=case.pk).first()
        if held is None or held.status != SireneStatus.WAITING:
            raise WorkflowError(_("Un collègue a déjà traité cette ligne."))
        refuse_unless_town_hall(held.commune, by)
        if held.kind not in kinds:
            raise WorkflowError(_("Cette décision ne va pas avec cette ligne."))
        yield held
        held.status, held.decided_by, held.decided_at = status, by, now
        held.save(update_fields=["status", "decided_by", "decided_at", "shop"])


def refuse_unless_town_hall(commune: Commune, by: User) -> None:
    if role_in(commune.pk, by) != Capacity.TOWN_HALL:
        raise WorkflowError(not_permitted())


def _name(case: SireneCase, name: str) -> str:
    name = " ".join(name.split()) or case.name
    if not name:
        raise WorkflowError(
            _("SIRENE ne donne pas le nom du commerce (%(siret)s)\u00a0: écrivez-le d’abord.")
            % {"siret": case.siret}
        )
    return name


def _create(case: SireneCase, *, by: User, now: datetime, name: str) -> Shop:
    if Objection.objects.filter(siret=case.siret).exists():
        raise WorkflowError(_("Ce commerce ne souhaite pas figurer dans l’annuaire."))
    company = Company(
        siret=case.siret,
        siren=case.siret[:9],
        house_number=case.house_number,
        street=case.street,
        address_extra=case.address_extra,
        postcode=case.postcode,
        commune_code=case.commune.insee_code,
        naf=case.naf,
    )
    listing = listing_of(company, case.commune)
    listing = replace(
        listing,
        name=_name(case, name),
        main_category=case.category or listing.main_category,
        source=SIRENE.name,
        source_id=case.siret,
    )
    state = ShopStatus.PENDING if listing.main_category else ShopStatus.DRAFT
    return create_listing(listing, by=by, status=state, now=now)


def _close(case: SireneCase, *, by: User, now: datetime, successor: str = "") -> Shop:
    shop = case.shop
    if shop.status in {ShopStatus.PUBLISHED, ShopStatus.SUSPENDED}:
        return status.close(shop, by=by, now=now, successor=successor[:200])
    if shop.status == ShopStatus.PENDING:
        return status.refuse(shop, by=by, now=now, reason=_closed_reason(case))
    return shop


def _closed_reason(case: SireneCase) -> str:
    if case.kind == CLOSED and case.since:
        return _("D’après SIRENE, cet établissement est fermé depuis le %(date)s.") % {
            "date": full_date_text(case.since, _)
        }
    return _("D’après SIRENE, cet établissement est fermé.")
