"""Points for listings that have an address and none: the address base is asked again, every day."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from merchants.geocoding import Geocoder, Place
from merchants.models import Shop, ShopStatus
from merchants.models.history import Action
from merchants.models.shop import LocationSource
from merchants.placing import Address, Spot, ask

from .edit import pending_proposal
from .history import locked, record
from .listing import write
from .values import Listing

AT_MOST = 200  # listings in one run
# In a row: the service is down, and the others wait for the next run.
FAILURES = 3
ADDRESS = ("house_number", "street", "postcode", "city", "commune_id")
MOVING = {"house_number", "street", "postcode", "city", "point"}


@dataclass
class Placed:
    """What came of a run. Those `left` were not asked about, or were written meanwhile."""

    placed: int = 0
    in_doubt: int = 0
    not_found: int = 0
    failed: int = 0
    left: int = 0


def place_waiting(*, now: datetime, at_most: int = AT_MOST) -> Placed:
    """Asks the address base about listings that wait for a point.

    Effects: those that it is certain of get their point, each in a transaction of its own with a
    history entry of the site; the public pages are renewed where the listing is published. The
    others stay, for the town hall. Nothing is locked while the network is waited for; a listing
    that was written meanwhile is left alone. Raises nothing when the service is down.
    """
    waiting = list(_waiting().order_by("pk").values_list("pk", flat=True))
    # Another beginning every day: those in doubt do not keep the others from their turn.
    start = now.toordinal() * at_most % len(waiting) if len(waiting) > at_most else 0
    turn = (waiting[start:] + waiting[:start])[:at_most]
    geocoder, done, failures = Geocoder(settings.GEOCODER_URL), Placed(), 0
    done.left = len(waiting) - len(turn)
    for number, pk in enumerate(turn):
        if failures == FAILURES:
            done.left += len(turn) - number
            break
        came = _try(geocoder, pk, now=now)
        setattr(done, came, getattr(done, came) + 1)
        failures = failures + 1 if came == "failed" else 0
    return done


def _waiting() -> QuerySet[Shop]:
    """Without drafts: their writers are asked by the form, and writing would keep them alive."""
    return Shop.objects.to_place().exclude(status=ShopStatus.DRAFT)


def _try(geocoder: Geocoder, pk: int, *, now: datetime) -> str:
    """What came of one listing: a field of `Placed`."""
    shop = _waiting().with_commune().filter(pk=pk).first()
    if shop is None:
        return "left"
    answer = ask(geocoder, _address(shop), shop.commune)
    if answer.problem:
        return "failed"
    if answer.place:
        return "placed" if _place(shop, answer.place, now=now) else "left"
    return "in_doubt" if answer.candidates or answer.elsewhere else "not_found"


def _address(shop: Shop) -> Address:
    address = Address(shop.house_number, shop.street, shop.postcode, shop.city)
    return address.in_town(shop.commune.name, shop.commune.postcodes)


def _place(shop: Shop, place: Place, *, now: datetime) -> bool:
    """Sets the point if the listing still waits for this one; whether it was set."""
    spot = Spot(place.point, LocationSource.GEOCODER.value, place.precision)
    with transaction.atomic():
        try:
            held = locked(shop)
        except Shop.DoesNotExist:
            return False
        same = all(getattr(held, name) == getattr(shop, name) for name in ADDRESS)
        proposal = pending_proposal(held)
        # What is proposed was made from a listing without a point, and brings its own.
        moves = proposal is not None and not MOVING.isdisjoint(proposal.changes)
        if held.point is not None or held.status != shop.status or not same or moves:
            return False
        changes = write(held, replace(Listing.of(held), **spot._asdict()))
        record(held, Action.EDIT, by=None, now=now, changes=changes)
    return True
