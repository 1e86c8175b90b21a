"""Listings that wait for a point: asked about every day, outside of any transaction."""

import pytest
from django.core.management import call_command
from django.db import connection

from merchants.models import Commune, HistoryEntry, Shop
from merchants.models.history import Capacity
from merchants.workflow import placing
from merchants.workflow.edit import edit_listing
from merchants.workflow.placing import Placed, place_waiting
from tests.ban import PAIX, PARIS, STREET, TOWN, answer, house, make_suresnes
from tests.factories import NOW, SURESNES, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_suresnes()


@pytest.fixture(autouse=True)
def outside(service, settings):
    settings.GEOCODER_URL = service.url
    service.body = answer(house())
    return service


def waiting(name: str = "Le Fournil", **fields) -> Shop:
    address = {"house_number": "12", "street": "rue de la Paix", "postcode": "92150"}
    return make_shop(name, commune=Commune.objects.get(), point=None, **address | fields)


def test_a_certain_answer_is_written(commune, outside):
    shop = waiting()
    version = Commune.objects.get().version
    assert place_waiting(now=NOW) == Placed(placed=1)
    shop.refresh_from_db()
    assert (shop.point, shop.location_source, shop.location_precision) == (
        PAIX,
        "geocoder",
        "housenumber",
    )
    entry = HistoryEntry.objects.first()
    assert (entry.by, entry.capacity, entry.action) == (None, Capacity.SYSTEM, "edit")
    assert entry.changes["point"] == [None, list(PAIX)]
    # Residents see it.
    assert Commune.objects.get().version > version
    assert place_waiting(now=NOW) == Placed()
    assert len(outside.asked) == 1


@pytest.mark.parametrize(
    ("found", "came"),
    [
        ([STREET], Placed(in_doubt=1)),
        ([house(score=0.6)], Placed(in_doubt=1)),
        ([PARIS], Placed(not_found=1)),
        ([TOWN], Placed(not_found=1)),
        ([], Placed(not_found=1)),
    ],
)
def test_what_is_not_certain_waits_for_the_town_hall(commune, outside, found, came):
    shop = waiting()
    outside.body = answer(*found)
    assert place_waiting(now=NOW) == came
    shop.refresh_from_db()
    assert shop.is_to_place
    assert HistoryEntry.objects.filter(by=None, action="edit").count() == 0


@pytest.mark.parametrize("health", ["cut off", "silent"])
def test_a_service_that_is_down_is_left_alone_after_three(commune, outside, health):
    for number in range(5):
        waiting(f"Commerce {number}")
    outside.health = health
    assert place_waiting(now=NOW) == Placed(failed=3, left=2)
    assert len(outside.asked) == 3
    assert Shop.objects.to_place().count() == 5


def test_what_does_not_wait(commune, outside):
    waiting("Sans rue", street="")
    waiting("Refusé", status="refused")
    waiting("Fermé", status="closed")
    make_shop("Placé", commune=commune, street="rue de la Paix")
    assert place_waiting(now=NOW) == Placed()
    assert outside.asked == []


def test_a_draft_is_its_writer_s(commune, outside):
    """Placing it would keep it alive for another ninety days, every time."""
    waiting(status="draft")
    before = Shop.objects.get().updated_at
    assert place_waiting(now=NOW) == Placed()
    assert outside.asked == []
    assert Shop.objects.get().updated_at == before


def test_so_many_a_run_and_others_the_next_day(commune, outside, now):
    for number in range(5):
        waiting(f"Commerce {number}", house_number=f"{number}")
    outside.body = answer()
    days = [now.replace(day=day) for day in (1, 2, 3)]
    asked = []
    for day in days:
        outside.asked.clear()
        assert place_waiting(now=day, at_most=2) == Placed(not_found=2, left=3)
        asked += [question["q"][0] for _path, question in outside.asked if "citycode" in question]
    assert set(asked) == {"0", "1", "2", "3", "4"}


@pytest.mark.parametrize(
    "values",
    [
        {"street": "rue Haute"},
        {"house_number": "14"},
        {"status": "closed"},
        {"latitude": SURESNES.latitude, "longitude": SURESNES.longitude,
         "location_source": "merchant", "location_precision": "exact"},
    ],
)  # fmt: skip
def test_what_was_written_meanwhile_stays(commune, monkeypatch, values):
    shop = waiting()
    ask = placing.ask

    def slow(*arguments):
        Shop.objects.filter(pk=shop.pk).update(**values)
        return ask(*arguments)

    monkeypatch.setattr(placing, "ask", slow)
    assert place_waiting(now=NOW) == Placed(left=1)
    assert Shop.objects.filter(pk=shop.pk, **values).exists()
    assert not HistoryEntry.objects.filter(by=None, action="edit").exists()


def test_a_listing_that_is_gone_meanwhile(commune, monkeypatch):
    shop = waiting()
    ask = placing.ask

    def slow(*arguments):
        HistoryEntry.objects.all().delete()
        Shop.objects.filter(pk=shop.pk).delete()
        return ask(*arguments)

    monkeypatch.setattr(placing, "ask", slow)
    assert place_waiting(now=NOW) == Placed(left=1)


def test_a_proposed_address_brings_its_own_point(commune):
    shop = waiting()
    owner = make_member(shop)
    edit_listing(shop, {"street": "rue Haute"}, by=owner, expected_version=None, now=NOW)
    assert place_waiting(now=NOW) == Placed(left=1)
    assert Shop.objects.get().is_to_place


def test_another_proposal_does_not_stand_in_the_way(commune):
    shop = waiting()
    owner = make_member(shop)
    edit_listing(shop, {"name": "Autre"}, by=owner, expected_version=None, now=NOW)
    assert place_waiting(now=NOW) == Placed(placed=1)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_while_the_network_is_waited_for(commune, monkeypatch):
    waiting()
    seen = []
    ask = placing.ask

    def watched(*arguments):
        seen.append(connection.in_atomic_block)
        return ask(*arguments)

    monkeypatch.setattr(placing, "ask", watched)
    assert place_waiting(now=NOW) == Placed(placed=1)
    assert seen == [False]


def test_the_daily_command_says_so_and_goes_on_where_the_service_is_down(commune, outside, capsys):
    waiting()
    outside.status = 503
    call_command("daily")
    said = capsys.readouterr().out.replace("\u00a0", " ")
    assert (
        "Adresses à placer sur la carte : 0 placées, 0 à vérifier, 0 introuvables, "
        "1 sans réponse, 0 laissées pour plus tard." in said
    )
    assert "Courriels : " in said
    outside.status = 200
    call_command("daily")
    assert "1 placées" in capsys.readouterr().out


def test_the_town_hall_finds_them(commune, login):
    waiting("À poser")
    make_shop("Posé", commune=commune, street="rue de la Paix")
    admin = login(make_user(is_superuser=True, is_staff=True))
    page = admin.get("/mairie/merchants/shop/", {"point": "a-placer"})
    assert [shop.name for shop in page.context["cl"].result_list] == ["À poser"]
    assert "à placer" in page.content.decode()
