"""Two listings of one shop become one: field by field, with what hangs on both; and apart again.

docs/decisions/0019-merging.md says what goes where, and why. What is needed to take the two apart
stands in the history entry of the listing that ended (`UNDO_FIELD`), as plain values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action, Capacity

from . import distinct, mail, status
from .errors import WorkflowError
from .history import adopt, capacity_of, locked, mark_on_behalf, not_permitted, record
from .listing import prepared, refuse_siret_twice, write
from .merged_rows import UNDO_FIELD, bring_back, move, photos_of, take_members
from .values import Changes, Listing, Plain, differences, plain, typed_special, with_values

KEPT, OTHER = "kept", "other"
# What is chosen as a whole -> the fields of a `Listing`; hours and closures are parts of one.
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "activity": ("main_category", "categories"),
    "siret": ("siret",),
    "place": (
        "house_number", "street", "address_extra", "postcode", "city", "point",
        "location_source", "location_precision",
    ),
    "service_area": ("service_area",),
    "hours": ("hours", "holiday_rule"),
    "specials": ("specials",),
    "services": ("services",),
    "description": ("description",),
    "phone": ("phone", "phone_is_public"),
    "email": ("email", "email_is_public"),
    "website": ("website",),
    "shop_url": ("shop_url",),
    "social_links": ("social_links",),
    "step_free": ("step_free",),
    "payment_means": ("payment_means",),
}  # fmt: skip

CONFIRMATION = ("confirmed_at", "confirmed_as", "confirmed_by_id")


def differing(kept: Listing, other: Listing) -> list[str]:
    """What there is to choose. An address goes with its commune: none of another one is taken."""
    told = differences(plain(kept), plain(other))
    same_commune = kept.commune.pk == other.commune.pk
    return [
        name
        for name, parts in FIELDS.items()
        if told.keys() & set(parts) and (name != "place" or same_commune)
    ]


def merge(
    kept: Shop,
    other: Shop,
    *,
    choices: Mapping[str, str],
    by: User | None,
    now: datetime,
    expected_versions: tuple[int, int] | None = None,
) -> Shop:
    """The town hall says that two listings are one shop's: `other` ends in `kept`.

    `choices` is {name of FIELDS: KEPT or OTHER}; what it does not name stays as it is.

    Effects, with both rows locked in the order of their keys: the photos of the other follow those
    of the kept one, up to six; its people keep the kept one too, whoever owned either owns it; its
    open invitations, unused codes, waiting claims, reports, calls and SIRENE cases move along; what
    the kept one has already ends, and so does its pending proposal (`merged_ends`); what was told
    apart from it is so from the kept one; what had been merged into it leads to the kept one; the
    other is merged, with a history entry that names the kept one; the chosen values are written,
    with the confirmation that vouched for all of them, and a history entry that names the other;
    the kept one is published where only the other was; a letter to the people of the other and to
    the owners of the kept one; the public pages are renewed.

    Raises WorkflowError where one of the two has been written since `expected_versions`, is
    merged already, or may not be kept. A second click of the same person changes nothing.
    """
    with transaction.atomic():
        ours, theirs = _locked(kept, other)
        _refuse_stranger(by, ours, theirs)
        if theirs.merged_into_id == ours.pk and _last_is(theirs, Action.MERGE, by):
            return _adopted(kept, ours, other, theirs)
        _refuse_unmergeable(ours, theirs)
        if expected_versions and expected_versions != (ours.version, theirs.version):
            raise WorkflowError(
                _("Une des deux fiches a changé entre-temps\u00a0: relisez-les, puis recommencez.")
            )
        before = {KEPT: Listing.of(ours), OTHER: Listing.of(theirs)}
        taken = {n for n in differing(*before.values()) if _choice(choices, n) == OTHER}
        vouched = _confirmation(ours, theirs, taken, set(differing(*before.values())))
        was = _state_of(ours, theirs)
        published = _is_to_be_published(ours, theirs)

        letters = _people(ours, theirs)
        photos = photos_of(ours)
        was |= move(ours, theirs, by=by, now=now)
        was["taken"] = sorted(taken)
        was["members"] = take_members(ours, theirs, by=by, now=now)
        was["told_apart"] = distinct.inherit(ours, theirs)
        ours, theirs = _locked(ours, theirs)
        theirs.merged.update(merged_into=ours)
        # Of the entry below: between the two nothing else is recorded.
        was["version"] = ours.version + 1
        status.become_merged(
            theirs,
            ours,
            by=by,
            now=now,
            note=_("Dans «\u00a0%(name)s\u00a0» (fiche nº\u00a0%(number)d)") % _named(ours),
            changes={UNDO_FIELD: [was, None]},
        )
        changes = write(ours, prepared(_chosen(before[KEPT], before[OTHER], taken)))
        if (after := photos_of(ours)) != photos:
            changes["photos"] = [photos, after]
        if vouched:
            Shop.objects.filter(pk=ours.pk).update(**vouched)
            ours.__dict__.update(vouched)
        note = _("Avec «\u00a0%(name)s\u00a0» (fiche nº\u00a0%(number)d)") % _named(theirs)
        entry = record(ours, Action.MERGE, by=by, now=now, changes=changes, note=note)
        if taken:
            mark_on_behalf(ours, entry.capacity)
        if published:
            status.publish(ours, by=by, now=now)
        elif ours.status == ShopStatus.PUBLISHED:
            ours.commune.touch()
        _tell(letters, "merged", ours, theirs)
    return _adopted(kept, ours, other, theirs)


class Unmerged(NamedTuple):
    """The listing that was kept, and what did not come back, in sentences."""

    kept: Shop
    lost: list[str]


def unmerge(other: Shop, *, by: User | None, now: datetime) -> Unmerged:
    """The town hall takes the two apart again.

    Effects, with both rows locked: photos, people, invitations, codes, claims, reports, calls and
    cases that came from the other and are still there go back to it; claims and the proposal that
    the merge withdrew wait again, and the invitations that it left behind open the other, unless
    somebody has been there since (`merged_ends`); what was told apart from the other is so no
    longer from the kept one; the values that were taken from it are the former ones again, save
    those that somebody wrote since; so are the confirmation and, where the merge published it, the
    state; the other is in its former state, with its last word; a history entry for each; a letter
    to the people of both; the public pages are renewed. A second click of the same person changes
    nothing. Raises WorkflowError where something is in the way.
    """
    with transaction.atomic():
        theirs = Shop.objects.get(pk=other.pk)
        if theirs.merged_into_id is None and _last_is(theirs, Action.UNDO, by):
            return Unmerged(adopt(other, locked(theirs)), [])
        if theirs.merged_into_id is None:
            raise WorkflowError(_("Cette fiche n’est pas réunie avec une autre."))
        ours, theirs = _locked(Shop(pk=theirs.merged_into_id), theirs)
        _refuse_stranger(by, ours, theirs)
        was = _undo_of(theirs, ours)
        letters = _people(ours, theirs)
        photos = photos_of(ours)
        lost = bring_back(was, ours, theirs, by=by, now=now)
        distinct.disinherit(was.get("told_apart", []))
        ours, theirs = _locked(ours, theirs)
        changes = _put_back(ours, theirs, _former(ours, was), was)
        if (after := photos_of(ours)) != photos:
            changes["photos"] = [photos, after]
        note = _("Fusion avec «\u00a0%(name)s\u00a0» annulée") % _named(theirs)
        if was["published"] and ours.status == ShopStatus.PUBLISHED:
            before = was["kept"]["status"]
            status.become_again(ours, before, by=by, now=now, note=note, changes=changes)
        else:
            record(ours, Action.UNDO, by=by, now=now, changes=changes, note=note)
        refuse_siret_twice(theirs.siret, was["status"], theirs.pk)
        status.become_again(
            theirs,
            was["status"],
            by=by,
            now=now,
            note=_("Fusion avec «\u00a0%(name)s\u00a0» annulée") % _named(ours),
            changes={},
            columns={"merged_into": None, **_times(was["closed"])},
        )
        Shop.objects.filter(pk__in=was["merged"], merged_into=ours).update(merged_into=theirs)
        if ours.status == ShopStatus.PUBLISHED:
            ours.commune.touch()
        _tell(letters | _people(ours, theirs), "unmerged", ours, theirs)
    adopt(other, theirs)
    return Unmerged(ours, lost)


def better(one: Shop, two: Shop) -> Shop:
    """Which of two listings is rather the one to keep: one that has not closed, that a merchant
    keeps, that was confirmed later, that residents see, that says more. Two queries."""
    return max((one, two), key=lambda shop: (_worth(shop), -shop.pk))


def _worth(shop: Shop) -> tuple:
    confirmed = shop.confirmed_at.timestamp() if shop.confirmed_at else 0.0
    values = plain(Listing.of(shop))
    return (
        shop.status != ShopStatus.CLOSED,
        ShopMember.objects.filter(shop=shop).exists(),
        confirmed,
        shop.status == ShopStatus.PUBLISHED,
        sum(value not in ("", None, []) for value in values.values()),
    )


# Before --------------------------------------------------------------------------------------


def _locked(kept: Shop, other: Shop) -> tuple[Shop, Shop]:
    """Both, in one order, so that of two merges the other way round neither waits for the other."""
    if kept.pk == other.pk:
        raise WorkflowError(_("Choisissez deux fiches différentes."))
    held = {shop.pk: locked(shop) for shop in sorted((kept, other), key=lambda shop: shop.pk)}
    return held[kept.pk], held[other.pk]


def _refuse_stranger(by: User | None, *shops: Shop) -> None:
    if by and any(capacity_of(by, shop) != Capacity.TOWN_HALL for shop in shops):
        raise WorkflowError(not_permitted())


def _refuse_unmergeable(kept: Shop, other: Shop) -> None:
    for shop in (kept, other):
        if shop.status == ShopStatus.MERGED:
            raise WorkflowError(
                _("La fiche «\u00a0%(name)s\u00a0» est déjà réunie avec une autre.") % _named(shop)
            )
        if not Shop.objects.without_private_drafts().filter(pk=shop.pk).exists():
            raise WorkflowError(
                _("Une inscription qui n’est pas encore envoyée ne se réunit avec rien.")
            )
    if kept.status == ShopStatus.CLOSED and other.status in ShopStatus.live():
        raise WorkflowError(
            _("«\u00a0%(name)s\u00a0» a fermé définitivement\u00a0: gardez plutôt l’autre fiche.")
            % _named(kept)
        )
    if kept.status == ShopStatus.SUSPENDED and other.status == ShopStatus.PUBLISHED:
        raise WorkflowError(
            _("«\u00a0%(name)s\u00a0» est suspendue\u00a0: rouvrez-la d’abord, ou gardez l’autre.")
            % _named(kept)
        )


def _is_to_be_published(kept: Shop, other: Shop) -> bool:
    """Residents go on seeing the shop that they saw."""
    sources = status.TRANSITIONS["publish"].sources
    return other.status == ShopStatus.PUBLISHED and kept.status in sources


def _choice(choices: Mapping[str, str], name: str) -> str:
    choice = choices.get(name, KEPT)
    if choice not in {KEPT, OTHER}:
        raise WorkflowError(_("Choisissez l’une des deux fiches."))
    return choice


def _chosen(kept: Listing, other: Listing, taken: Iterable[str]) -> Listing:
    """The values of the kept listing, with those of the other that were chosen."""
    values: dict[str, Any] = {}
    schedule = kept.schedule
    for name in taken:
        if name == "hours":
            weekly, rule = other.schedule.weekly, other.schedule.holiday_rule
            schedule = replace(schedule, weekly=weekly, holiday_rule=rule)
        elif name == "specials":
            schedule = replace(schedule, specials=other.schedule.specials)
        else:
            values |= {field: getattr(other, field) for field in FIELDS[name]}
    return replace(kept, schedule=schedule, **values)


def _confirmation(kept: Shop, other: Shop, taken: set[str], differ: set[str]) -> dict[str, Any]:
    """The columns of the other's confirmation, where it is the later one and vouched for every
    value that stays; else nothing, as for any write of the town hall."""
    if taken != differ or other.confirmed_at is None:
        return {}
    if kept.confirmed_at and kept.confirmed_at >= other.confirmed_at:
        return {}
    return {name: getattr(other, name) for name in CONFIRMATION}


def _state_of(kept: Shop, other: Shop) -> Plain:
    """What the rows of both were, for the way back."""
    return {
        "into": kept.pk,
        "status": other.status,
        "closed": _plain_times({name: getattr(other, name) for name in status.NOT_CLOSED}),
        "merged": list(other.merged.values_list("pk", flat=True)),
        "published": _is_to_be_published(kept, other),
        "kept": _plain_times(
            {
                "status": kept.status,
                "on_behalf": kept.on_behalf,
                **{name: getattr(kept, name) for name in CONFIRMATION},
            }
        ),
    }


def _plain_times(values: Plain) -> Plain:
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in values.items()}


def _times(values: Plain) -> Plain:
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in values.items()
    }


# The way back --------------------------------------------------------------------------------


def _undo_of(theirs: Shop, ours: Shop) -> Plain:
    entry = theirs.history.filter(action=Action.MERGE).first()
    was = entry.changes[UNDO_FIELD][0]
    if was["into"] != ours.pk:
        between = Shop.objects.get(pk=was["into"])
        raise WorkflowError(
            _(
                "Cette fiche a d’abord été réunie avec «\u00a0%(name)s\u00a0»\u00a0: annulez "
                "d’abord la fusion de celle-là."
            )
            % _named(between)
        )
    if ours.status == ShopStatus.MERGED:
        raise WorkflowError(
            _("La fiche «\u00a0%(name)s\u00a0» est déjà réunie avec une autre.") % _named(ours)
        )
    return was


def _former(ours: Shop, was: Plain) -> Plain:
    """The values that the kept listing had of its own, where nobody has written since."""
    entry = ours.history.filter(version=was["version"]).first()
    told = entry.changes if entry else {}
    now_there = plain(Listing.of(ours))
    former: Plain = {}
    for name in was["taken"]:
        own = {part: told[part] for part in FIELDS[name] if part in told}
        if all(now_there[part] == after for part, (_before, after) in own.items()):
            former |= {part: before for part, (before, _after) in own.items()}
    return former


def _put_back(ours: Shop, theirs: Shop, former: Plain, was: Plain) -> Changes:
    """The former values, and the confirmation and capacity that went with them."""
    listing = Listing.of(ours)
    try:
        listing = with_values(listing, former)
    except KeyError as error:
        raise WorkflowError(_("Une catégorie d’avant la fusion n’existe plus.")) from error
    if "specials" in former:
        specials = tuple(typed_special(special) for special in former["specials"])
        listing = replace(listing, schedule=replace(listing.schedule, specials=specials))
    refuse_siret_twice(listing.siret, ours.status, ours.pk)
    changes = write(ours, prepared(listing)) if former else {}
    before = _times(was["kept"])
    columns: Plain = {}
    if ours.confirmed_at and ours.confirmed_at == theirs.confirmed_at:
        columns = {name: before[name] for name in CONFIRMATION}
    if before["on_behalf"] and not ShopMember.objects.filter(shop=ours).exists():
        columns["on_behalf"] = True
    if columns:
        Shop.objects.filter(pk=ours.pk).update(**columns)
        ours.__dict__.update(columns)
    return changes


# Said --------------------------------------------------------------------------------------------


def _people(kept: Shop, other: Shop) -> dict[int, User]:
    """Whom it concerns: the people of the other, and the owners of the kept one."""
    members = ShopMember.objects.filter(shop__in=[kept, other]).select_related("user")
    return {
        member.user_id: member.user
        for member in members
        if member.is_owner or member.shop_id == other.pk
    }


def _tell(people: Mapping[int, User], template: str, kept: Shop, other: Shop) -> None:
    context = {"shop": kept, "other": other, "url": mail.address_of("my_shops")}
    for user in people.values():
        mail.send(
            template,
            user.email,
            context,
            language=settings.LANGUAGE_CODE,
            commune=kept.commune,
        )


def _named(shop: Shop) -> dict[str, Any]:
    return {"name": shop.name, "number": shop.pk}


def _last_is(shop: Shop, action: Action, by: User | None) -> bool:
    """Whether the last word on a listing is that person's: a second click."""
    last = shop.history.first()
    return last is not None and (last.action, last.by_id) == (action, by and by.pk)


def _adopted(kept: Shop, ours: Shop, other: Shop, theirs: Shop) -> Shop:
    adopt(other, theirs)
    return adopt(kept, ours)
