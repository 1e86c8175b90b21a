"""What waits for a town hall: each kind counted, of the right communes, the oldest first."""

from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, reverse
from post_office.models import STATUS, Email

from merchants.models import CommuneMail, Proposal
from merchants.models.report import Report
from merchants.models.sirene import SireneCase
from merchants.workflow import queues, status
from tests.claiming import make_claim
from tests.factories import NOW, make_commune, make_member, make_shop

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=2)


def fill(commune) -> None:
    """One of everything."""
    make_shop("Inscrit", commune=commune, status="pending")
    shop = make_shop("Tenu", commune=commune)
    owner = make_member(shop)
    Proposal.objects.create(shop=shop, by=owner, at=NOW, changes={"name": ["Tenu", "Autre"]})
    make_claim(shop)
    free = make_shop("Libre", commune=commune)
    make_claim(free)
    Report.objects.create(shop=free, kind="hours", at=NOW)
    SireneCase.objects.create(
        commune=commune, kind="unlisted", siret=f"8005370770{commune.pk % 10_000:04}", found_at=NOW
    )
    make_shop("Sans point", commune=commune, point=None, street="Rue de la Paix")
    mail = Email.objects.create(from_email="a@b.fr", to=["c@d.fr"], status=STATUS.failed)
    CommuneMail.objects.create(mail=mail, commune=commune)


def counts(communes) -> dict[str, int]:
    return {queue.kind: queue.count for queue in queues.waiting(communes)}


def test_counts_every_kind_within_the_communes():
    here, there = make_commune("Suresnes"), make_commune("Garches")
    fill(here)
    fill(there)
    kinds = list(queues.SOURCES)
    assert len(kinds) == 8
    assert counts({here.pk}) == dict.fromkeys(kinds, 1)
    assert counts({here.pk, there.pk}) == counts(None) == dict.fromkeys(kinds, 2)
    assert counts(set()) == dict.fromkeys(kinds, 0)


def test_counts_by_commune(django_assert_num_queries):
    here, there = make_commune("Suresnes"), make_commune("Garches")
    for town in (here, here, there):
        make_shop(commune=town, status="pending")
    shop = make_shop(commune=there)
    make_claim(shop)
    make_member(shop)
    make_claim(make_shop(commune=there))
    assert queues.by_commune("inscription") == {here.pk: 2, there.pk: 1}
    with django_assert_num_queries(2):
        assert queues.by_commune("demande", "litige") == {there.pk: 2}
    assert not queues.by_commune("sirene")


def test_each_kind_knows_its_commune():
    here = make_commune("Suresnes")
    fill(here)
    for kind in queues.SOURCES:
        assert queues.by_commune(kind) == {here.pk: 1}, kind


def test_tells_since_when(django_assert_num_queries):
    shop = make_shop(status="draft")
    owner = make_member(shop)
    status.submit(shop, by=owner, now=LATER)
    make_shop("Ancien", status="pending")
    assert [row.name for row in queues.rows_of("inscription", None)] == ["Ancien", shop.name]
    with django_assert_num_queries(8):
        found = {queue.kind: queue.oldest for queue in queues.waiting(None)}
    assert found["inscription"] == NOW
    assert found["proposition"] is None


def test_leads_to_pages_that_are_there():
    for queue in queues.waiting(None):
        try:
            assert reverse(queue.url_name).startswith("/mairie/")
        except NoReverseMatch:
            pytest.fail(queue.url_name)
