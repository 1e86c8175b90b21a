"""A shop registers: a draft from the first answer on, sent to the town hall when it is whole."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from merchants.capitals import readable_name, readable_street
from merchants.company_search import Company
from merchants.models import Category, Commune, HistoryEntry, Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action, Capacity
from merchants.models.shop import Confirmer, LocationPrecision, LocationSource

from . import mail, status
from .drafts import erase
from .errors import WorkflowError
from .history import (
    IN_HIS_PLACE,
    adopt,
    changed_since,
    held_by,
    is_kept,
    locked,
    not_permitted,
    role_in,
)
from .listing import create_listing
from .members import add_member
from .town_hall import contact_words
from .values import Listing

# Of templates/merchants/terms.html: raised when their sense changes.
TERMS_VERSION = "2026-11-23"
# Of one person, at once: a draft costs nothing, and each is a place where photos may lie.
MOST_DRAFTS = 5
# The same, of what one helper has begun for merchants.
MOST_ON_BEHALF = 50
# Of one merchant: at once, and within a day. Each is work for a town hall.
MOST_PENDING, SENT_A_DAY = 5, 10
# The same name again within this time is a second click, not a second shop.
SECOND_CLICK = timedelta(minutes=10)
DRAFT_KEPT = timedelta(days=90)
# Decisions of a commune from which a usual delay is told, and how many of the last are looked at.
DELAY_FROM, DELAY_OF = 5, 20
OPEN = (ShopStatus.DRAFT, ShopStatus.REFUSED, ShopStatus.TO_CORRECT)


def is_open(shop: Shop) -> bool:
    """Whether the listing is a registration that its people write, not the town hall's to read."""
    return shop.status in OPEN


# The first answer -----------------------------------------------------------------------------


def begin(listing: Listing, *, by: User, now: datetime, on_behalf: bool = False) -> Shop:
    """Somebody registers a shop, or a helper for a merchant (`on_behalf`).

    Effects: a draft; whoever registers is its owner, a helper is not; a history entry for each.
    The draft that is there already, of the same person, commune and SIRET, or of the same name
    and some minutes old, is given back: a second click makes no second one. Raises WorkflowError
    where MOST_DRAFTS (MOST_ON_BEHALF) of that person are open, or the listing is theirs already.
    """
    with transaction.atomic():
        # Two clicks at once: the second one waits for the first.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if on_behalf and role_in(listing.commune.pk, by) is None:
            raise WorkflowError(_("Votre compte ne permet pas cette action."))
        if again := _begun_already(listing, by, now, on_behalf):
            return again
        if on_behalf:
            _refuse_too_many_on_behalf(by)
        else:
            _refuse_too_many(listing, by)
        capacity = None if on_behalf else Capacity.MERCHANT
        shop = create_listing(listing, by=by, now=now, capacity=capacity)
        if not on_behalf:
            add_member(shop, by, by=by, now=now, capacity=capacity)
    return shop


def listing_of(company: Company, commune: Commune) -> Listing:
    """A draft's values from the register: readable, without what it does not tell for sure.

    Two queries. The category is filled in where the register's activity means one of ours alone,
    the point where the register knows the number of the house and the commune holds it.
    """
    point = company.point if company.house_number else None
    if point is not None and commune.holds(point) is False:
        point = None
    placed = {
        "point": point,
        "location_source": LocationSource.GEOCODER.value,
        "location_precision": LocationPrecision.HOUSE_NUMBER.value,
    }
    return Listing(
        commune=commune,
        name=readable_name(company.best_name)[:120],
        main_category=category_of(company.naf),
        siret=company.siret,
        house_number=company.house_number.lower()[:20],
        street=readable_street(company.street)[:160],
        address_extra=readable_name(company.address_extra)[:160],
        postcode=company.postcode[:5],
        city=commune.name if company.postcode else "",
        **(placed if point else {}),
    )


def category_of(naf: str, leaves: Sequence[Category] | None = None) -> Category | None:
    """The one category that an activity of the register means; None for several or none."""
    code = naf.replace(".", "")
    if not code:
        return None
    if leaves is None:
        leaves = Category.objects.leaves().select_related("parent")
    found = [c for c in leaves if code in {other.replace(".", "") for other in c.naf_codes}]
    return found[0] if len(found) == 1 else None


def twins(shop: Shop) -> list[Shop]:
    """Listings that may be the shop being registered, the likeliest first: residents see them or,
    for sure of that number or place, the town hall reads them or has suspended them. Two or three
    queries. Not all are anybody's to see: `unseen_twin` is what is said of the others."""
    others = Shop.objects.filter(status__in=ShopStatus.live()).exclude(pk=shop.pk)
    found = others.likely_twins(
        shop.name, shop.point, siret=shop.siret, street=shop.street, commune=shop.commune
    )
    same = siret_holder(shop)
    found = [same, *found] if same and same not in found else found
    return [twin for twin in found if twin.status == ShopStatus.PUBLISHED or _is_sure(twin, shop)]


def seen_by(
    user: User, twins: Sequence[Shop], *, helped: int | None = None
) -> tuple[set[int], set[int], set[int]]:
    """The keys of those twins that somebody may see, of those whose listing he keeps, and of those
    that anybody keeps.

    Residents see what is published; who acts for a town hall, what nobody keeps in its commune
    (`helped`, a key). One query, none without twins.
    """
    rows = ShopMember.objects.filter(shop__in=twins).values_list("shop", "user") if twins else ()
    keepers = list(rows)
    kept = {shop for shop, person in keepers}
    mine = {shop for shop, person in keepers if person == user.pk}
    published = {twin.pk for twin in twins if twin.status == ShopStatus.PUBLISHED}
    in_commune = {twin.pk for twin in twins if twin.commune_id == helped}
    return published | mine | (in_commune - kept), mine, kept


def unseen_twin(twin: Shop) -> str:
    """All that is said of a twin to who may not see it."""
    if twin.status == ShopStatus.PENDING:
        there = _("Une inscription de ce commerce attend déjà la réponse de la mairie.")
    else:
        there = _("La mairie connaît déjà ce commerce, dont la fiche n’est pas en ligne.")
    contact = contact_words(twin.commune)
    words = _("Si ce n’est ni vous ni un collègue, %(contact)s.") % {"contact": contact}
    return f"{there} {words}"


def _is_sure(twin: Shop, shop: Shop) -> bool:
    """The same number; or both have a place, which then is the same one."""
    if shop.siret and twin.siret == shop.siret:
        return True
    return all(one.street or one.point for one in (twin, shop))


def siret_holder(shop: Shop) -> Shop | None:
    """The other live listing that has the shop's SIRET. One query, none without a SIRET."""
    if not shop.siret:
        return None
    others = Shop.objects.filter(siret=shop.siret, status__in=ShopStatus.live())
    return others.exclude(pk=shop.pk).select_related("main_category").with_commune().first()


def _begun_already(listing: Listing, by: User, now: datetime, on_behalf: bool) -> Shop | None:
    created = HistoryEntry.objects.filter(shop=OuterRef("pk"), action=Action.CREATE, by=by)
    drafts = Shop.objects.filter(status=ShopStatus.DRAFT, commune=listing.commune)
    drafts = drafts.kept_by_nobody() if on_behalf else drafts.kept_by(by)
    if listing.siret:
        same = drafts.filter(Exists(created), siret=listing.siret)
    else:
        name = " ".join(listing.name.split())
        just_now = created.filter(at__gt=now - SECOND_CLICK)
        same = drafts.filter(Exists(just_now), name=name, siret="")
    return same.with_commune().order_by("-pk").first()


def _refuse_too_many_on_behalf(by: User) -> None:
    begun = HistoryEntry.objects.filter(shop=OuterRef("pk"), action=Action.CREATE, by=by)
    if Shop.objects.drafts_on_behalf().filter(Exists(begun)).count() >= MOST_ON_BEHALF:
        raise WorkflowError(
            _(
                "%(number)d fiches que vous avez commencées pour des commerçants attendent encore "
                "d’être envoyées\u00a0: terminez-en une, ou abandonnez-la."
            )
            % {"number": MOST_ON_BEHALF}
        )


def _refuse_too_many(listing: Listing, by: User) -> None:
    mine = Shop.objects.kept_by(by)
    if listing.siret and mine.filter(siret=listing.siret, status__in=ShopStatus.live()).exists():
        raise WorkflowError(_("Vous tenez déjà la fiche de ce commerce."))
    if mine.filter(status=ShopStatus.DRAFT).count() >= MOST_DRAFTS:
        raise WorkflowError(
            _(
                "%(number)d inscriptions sont déjà commencées sous votre compte\u00a0: "
                "terminez-en une, ou abandonnez-la."
            )
            % {"number": MOST_DRAFTS}
        )


# Sending, and giving up -----------------------------------------------------------------------


def missing(shop: Shop) -> list[str]:
    """What a listing must say before the town hall reads it, as the slugs of the wizard's steps."""
    found = []
    if not shop.name:
        found.append("commerce")
    if not (shop.street or shop.service_area):
        found.append("adresse")
    if shop.main_category_id is None:
        found.append("activite")
    return found


def send(
    shop: Shop, *, by: User, now: datetime, terms: str, expected_version: int | None = None
) -> Shop:
    """The people of a shop ask the town hall to publish it, under the terms of that version.

    Effects: draft, refused or to correct → pending; merchants confirm the listing with it, helpers
    do not; a history entry with the version of the terms; a letter to the merchant who sends, which
    says what happens next. A second click changes nothing. Raises WorkflowError while something is
    missing or another listing has the SIRET, where something was written since the version that was
    read, and to a merchant who has MOST_PENDING waiting or sent SENT_A_DAY.
    """
    with transaction.atomic():
        held = locked(shop)
        if _sent_already(held, by):
            return adopt(shop, held)
        if expected_version is not None and changed_since(held, expected_version):
            raise WorkflowError(
                _("La fiche a été modifiée entre-temps. Relisez-la avant de l’envoyer.")
            )
        _refuse_incomplete(held)
        is_merchant = ShopMember.objects.filter(shop=held, user=by).exists()
        if not is_merchant and is_kept(held):  # The merchant's to send: he has come meanwhile.
            raise WorkflowError(not_permitted())
        _refuse_siret_of(siret_holder(held), held, by)
        if is_merchant:
            _refuse_too_many_sent(held, by, now)
        note = _("Conditions du %(version)s acceptées") % {"version": terms}
        as_ = Confirmer.MERCHANT if is_merchant else None
        status.submit(held, by=by, now=now, note=note, as_=as_)
        if is_merchant:
            context = {
                "shop": held,
                "days": usual_days(held.commune),
                "url": mail.address_of("my_shops"),
                "terms": mail.address_of("terms"),
            }
            language, town = settings.LANGUAGE_CODE, held.commune
            mail.send("registration_received", by.email, context, language=language, commune=town)
    return adopt(shop, held)


def usual_days(commune: Commune) -> int | None:
    """In how many days its town hall usually answers: the median of its last decisions, rounded up.

    None where there are fewer than DELAY_FROM. One query.
    """
    asked = HistoryEntry.objects.filter(
        shop=OuterRef("shop"), action=Action.SUBMIT, version__lt=OuterRef("version")
    ).order_by("-version")
    decisions = (
        HistoryEntry.objects.filter(
            shop__commune=commune,
            action__in=[Action.PUBLISH, Action.REFUSE, Action.ASK_CHANGE],
        )
        .annotate(asked=Subquery(asked.values("at")[:1]))
        .exclude(asked=None)
        .order_by("-at", "-pk")
    )
    rows = decisions.values_list("at", "asked")[:DELAY_OF]
    waits = [(at - asked_at) / timedelta(days=1) for at, asked_at in rows]
    if len(waits) < DELAY_FROM:
        return None
    return max(1, -int(-median(waits) // 1))


def discard(shop: Shop, *, by: User, now: datetime) -> None:
    """Whoever registers a shop gives up, before sending or after an answer that is no
    publication. Nothing where that was
    done already.

    Effects: the listing, which residents never saw, is deleted with its photos and its history.
    """
    with transaction.atomic():
        if not Shop.objects.filter(pk=shop.pk).exists():
            return
        allowed = IN_HIS_PLACE | {Capacity.MERCHANT}
        held, _capacity = held_by(shop, by, allowed=allowed, alone=IN_HIS_PLACE, open_only=False)
        if not is_open(held) or held.source or _was_published(held):
            raise WorkflowError(
                _("Une inscription que la mairie relit ou a publiée ne s’abandonne pas.")
            )
        erase(held)


def purge_drafts(*, now: datetime) -> int:
    """Deletes the registrations that nobody has touched for DRAFT_KEPT; says how many.

    Effects: those of `discard`.
    """
    number = 0
    for pk in _forgotten(now).values_list("pk", flat=True):
        with transaction.atomic():
            # Somebody may have come back to it meanwhile.
            if _forgotten(now).select_for_update(of=("self",)).filter(pk=pk).exists():
                erase(locked(Shop(pk=pk)))
                number += 1
    return number


def _forgotten(now: datetime) -> QuerySet[Shop]:
    """Those of merchants, those that helpers began, and those whose only owner has deleted the
    account; not what a file brought."""
    old = now - DRAFT_KEPT
    return Shop.objects.filter(status=ShopStatus.DRAFT, source="", updated_at__lt=old)


def _was_published(held: Shop) -> bool:
    return held.history.filter(action=Action.PUBLISH).exists()


def _refuse_too_many_sent(held: Shop, by: User, now: datetime) -> None:
    pending = Shop.objects.kept_by(by).filter(status=ShopStatus.PENDING)
    if pending.count() >= MOST_PENDING:
        raise WorkflowError(
            _(
                "%(number)d de vos inscriptions attendent déjà la réponse de la mairie\u00a0: "
                "envoyez celle-ci quand elle aura répondu."
            )
            % {"number": MOST_PENDING}
        )
    today = HistoryEntry.objects.filter(action=Action.SUBMIT, by=by, at__gt=now - timedelta(days=1))
    if today.count() >= SENT_A_DAY:
        raise WorkflowError(
            _("Vous avez envoyé beaucoup d’inscriptions depuis hier\u00a0: réessayez demain.")
        )


def _sent_already(held: Shop, by: User) -> bool:
    last = held.history.filter(action=Action.SUBMIT).order_by("-version").first()
    return held.status == ShopStatus.PENDING and last is not None and last.by_id == by.pk


def _refuse_incomplete(held: Shop) -> None:
    sentences = {
        "commerce": _("Donnez d’abord le nom du commerce."),
        "adresse": _("Donnez d’abord l’adresse du commerce, ou la zone où vous intervenez."),
        "activite": _("Choisissez d’abord l’activité du commerce."),
    }
    for slug in missing(held):
        raise WorkflowError(sentences[slug])


def _refuse_siret_of(other: Shop | None, held: Shop, by: User) -> None:
    if other is None:
        return
    acting = not is_kept(held)
    seen, _mine, _kept = seen_by(by, [other], helped=held.commune_id if acting else None)
    if other.pk not in seen:
        raise WorkflowError(unseen_twin(other))
    if acting:
        raise WorkflowError(
            _(
                "La fiche «\u00a0%(name)s\u00a0» porte déjà ce SIRET\u00a0: "
                "n’en inscrivez pas une seconde."
            )
            % {"name": other.name}
        )
    raise WorkflowError(
        _(
            "La fiche «\u00a0%(name)s\u00a0» porte déjà ce SIRET. Si c’est votre commerce, "
            "demandez à la tenir au lieu d’en inscrire une seconde."
        )
        % {"name": other.name}
    )
