"""Two people at once. With PostgreSQL, in threads that wait for real locks."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone
from post_office.models import Email

from merchants.models import HistoryEntry, Invitation, Photo, Proposal, Shop, ShopMember
from merchants.workflow import WorkflowError, members, proposals, registration, status
from merchants.workflow.closures import add_holiday
from merchants.workflow.edit import edit_listing
from merchants.workflow.photos import MOST_PHOTOS, add_photo
from merchants.workflow.values import Listing
from tests.factories import make_category, make_commune, make_member, make_shop, make_user
from tests.workflow.test_photos import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def together():
    """`together(one, other)`: what came of each, an answer or a sentence. One after the other
    where the database locks as a whole."""

    def together(*acts) -> list:
        barrier = Barrier(len(acts))
        real = connection.vendor == "postgresql"

        def run(act):
            if real:
                barrier.wait(10)
            try:
                return act()
            except WorkflowError as error:
                return str(error)
            finally:
                if real:
                    connections.close_all()

        if not real:
            return [run(act) for act in acts]
        with ThreadPoolExecutor(len(acts)) as threads:
            return list(threads.map(run, acts))

    return together


def sentences(results) -> list[str]:
    return [result for result in results if isinstance(result, str)]


def test_one_field(together):
    shop = make_shop(description="Avant")
    people = make_member(shop), make_member(shop, role="colleague")
    version = Shop.objects.get().version

    def edit(person, text):
        return lambda: edit_listing(
            Shop.objects.get(),
            {"description": text},
            by=person,
            expected_version=version,
            now=timezone.now(),
        )

    told = sentences(together(edit(people[0], "Un"), edit(people[1], "Deux")))
    assert len(told) == 1 and "actuellement" in told[0]
    assert Shop.objects.get().description in {"Un", "Deux"}
    assert HistoryEntry.objects.filter(action="edit").count() == 1


def test_two_fields(together):
    shop = make_shop()
    owner = make_member(shop)
    version = Shop.objects.get().version

    def edit(**changes):
        return lambda: edit_listing(
            Shop.objects.get(), changes, by=owner, expected_version=version, now=timezone.now()
        )

    assert sentences(together(edit(description="Neuf"), edit(phone="01 47 51 01 02"))) == []
    shop = Shop.objects.get()
    assert (shop.description, shop.phone) == ("Neuf", "+33147510102")
    assert shop.version == version + 2


def test_two_holidays_never_overlap(together):
    shop = make_shop()
    today = timezone.localdate()

    def holiday(first, last):
        return lambda: add_holiday(
            Shop.objects.get(pk=shop.pk),
            today + timedelta(days=first),
            today + timedelta(days=last),
            by=None,
            now=timezone.now(),
        )

    together(holiday(1, 10), holiday(5, 15), holiday(8, 9))
    specials = Shop.objects.get().schedule.specials  # Raises where two overlap.
    assert sum((s.end - s.start).days + 1 for s in specials) == 15


def test_a_proposal_accepted_and_refused(together):
    shop = make_shop()
    owner = make_member(shop)
    agents = [make_user(is_superuser=True) for _n in range(2)]
    now = timezone.now()
    edit_listing(shop, {"name": "Autre"}, by=owner, expected_version=None, now=now)
    proposal = Proposal.objects.get()
    told = sentences(
        together(
            lambda: proposals.accept(Proposal.objects.get(), by=agents[0], now=now),
            lambda: proposals.refuse(Proposal.objects.get(), reason="Non.", by=agents[1], now=now),
        )
    )
    assert len(told) == 1 and "n’attend plus" in told[0]
    proposal.refresh_from_db()
    assert (Shop.objects.get().name == "Autre") is (proposal.status == "accepted")


def test_a_first_proposal_twice(together):
    shop = make_shop()
    people = make_member(shop), make_member(shop, role="colleague")

    def edit(person, **changes):
        return lambda: edit_listing(
            Shop.objects.get(), changes, by=person, expected_version=None, now=timezone.now()
        )

    told = sentences(together(edit(people[0], name="Autre"), edit(people[1], street="rue Neuve")))
    assert told == []
    assert set(Proposal.objects.get(status="pending").changes) == {"name", "street"}


def test_one_invitation_for_two(together):
    shop = make_shop()
    owner = make_member(shop)
    now = timezone.now()
    members.invite(shop, "paul@example.fr", by=owner, now=now)
    token = re.search(r"/invitation/([^/\s]+)/", Email.objects.get().message)[1]
    people = [make_user(), make_user()]
    told = sentences(
        together(
            *(
                lambda person=person: members.accept_invitation(token, by=person, now=now)
                for person in people
            )
        )
    )
    assert len(told) == 1 and "déjà servi" in told[0]
    assert ShopMember.objects.count() == 2
    assert Invitation.objects.get().accepted_at == now


def test_two_owners_who_leave(together):
    shop = make_shop()
    owners = [make_member(shop), make_member(shop)]
    told = sentences(
        together(
            *(
                lambda owner=owner: members.leave(Shop.objects.get(), by=owner, now=timezone.now())
                for owner in owners
            )
        )
    )
    assert len(told) == 1 and "seul responsable" in told[0]
    assert ShopMember.objects.count() == 1


def test_a_registration_begun_and_sent_twice_at_once(together):
    commune, person, category = make_commune(), make_user(), make_category()
    listing = Listing(commune=commune, name="Le Fournil", main_category=category, street="rue X")

    def begin():
        return registration.begin(listing, by=person, now=timezone.now())

    def send():
        return registration.send(Shop.objects.get(), by=person, now=timezone.now(), terms="1")

    one, other = together(begin, begin)
    assert one == other == Shop.objects.get()
    assert sentences(together(send, send)) == []
    assert HistoryEntry.objects.filter(action="submit").count() == 1
    assert Email.objects.count() == 1


def test_published_and_refused(together):
    make_shop(status="pending")
    told = sentences(
        together(
            lambda: status.publish(Shop.objects.get(), by=None, now=timezone.now()),
            lambda: status.refuse(Shop.objects.get(), by=None, now=timezone.now(), reason="Non."),
        )
    )
    assert len(told) == 1 or Shop.objects.get().status == "published"
    assert Shop.objects.get().status in {"published", "refused"}


def test_the_same_photo(together, settings):
    """A double click that reaches two processes: one photo, one folder of files."""
    shop = make_shop()
    owner, file = make_member(shop), picture().getvalue()

    def add():
        return add_photo(
            Shop.objects.get(), BytesIO(file), alt="La rue", by=owner, now=timezone.now()
        )

    one, other = together(add, add)
    assert one == other == Photo.objects.get()
    assert len(list((settings.MEDIA_ROOT / "photos").iterdir())) == 1
    assert HistoryEntry.objects.filter(note="Photo ajoutée").count() == 1


def test_the_last_place_for_a_photo(together, settings):
    shop = make_shop()
    owner = make_member(shop)
    for number in range(MOST_PHOTOS - 1):
        add_photo(shop, picture(), alt=str(number), by=owner, now=timezone.now())

    def add():
        return add_photo(Shop.objects.get(), picture(), alt="x", by=owner, now=timezone.now())

    told = sentences(together(add, add))
    assert len(told) == 1 and "photos au plus" in told[0]
    assert Photo.objects.count() == MOST_PHOTOS
    assert len(list((settings.MEDIA_ROOT / "photos").iterdir())) == MOST_PHOTOS
