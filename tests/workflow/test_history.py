"""Every write leaves one entry, and raises the version by one."""

from dataclasses import replace

import pytest

from merchants.models import HistoryEntry, Shop, ShopMember
from merchants.models.shop import Confirmer
from merchants.opening_hours import Period, Schedule
from merchants.workflow import Conflict, WorkflowError, status
from merchants.workflow.history import held_by
from merchants.workflow.importing import Creation, Plan, apply_import
from merchants.workflow.listing import (
    Listing,
    Service,
    set_hours,
    set_services,
    update_listing,
)
from merchants.workflow.members import add_member
from merchants.workflow.roles import give_role
from merchants.workflow.status import confirm
from merchants.workflow.wording import Words
from tests.factories import make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


def test_one_entry_for_each_write(now):
    agent = make_user(is_superuser=True)
    shop = make_shop("Avant", by=agent, status="pending")
    act = {"by": agent, "now": now}
    update_listing(shop, replace(Listing.of(shop), name="Après"), **act)
    set_hours(shop, Schedule((Period(0, 540, 600),)), **act)
    set_services(shop, [Service(kind="emporter")], **act)
    status.publish(shop, **act)
    status.confirm(shop, as_=Confirmer.TOWN_HALL_BY_PHONE, **act)
    status.suspend(shop, **act)
    entries = list(HistoryEntry.objects.order_by("version"))
    assert [(entry.action, entry.version) for entry in entries] == [
        ("create", 1), ("edit", 2), ("edit", 3), ("edit", 4), ("publish", 5), ("confirm", 6),
        ("suspend", 7),
    ]  # fmt: skip
    assert {entry.capacity for entry in entries} == {"town_hall"}
    assert {entry.by for entry in entries} == {agent}
    assert entries[1].changes == {"name": ["Avant", "Après"]}
    assert entries[2].changes["hours"] == ["Mo-Fr 09:00-18:00", "Mo 09:00-10:00"]
    assert shop.version == Shop.objects.get().version == 7


def test_writing_what_is_there_leaves_nothing(now):
    shop = make_shop(services=["livraison"])
    set_services(shop, [Service(kind="livraison")], by=None, now=now)
    update_listing(shop, Listing.of(Shop.objects.get()), by=None, now=now)
    assert [entry.action for entry in HistoryEntry.objects.all()] == ["create"]


def test_an_import_tells_what_it_changed(now):
    commune, category = make_commune(), make_category()
    listing = Listing(
        commune=commune, name="Vis", main_category=category, categories=(category,),
        services=(), schedule=Schedule(), source="osm", source_id="node/1",
    )  # fmt: skip
    apply_import(Plan(creations=[Creation(listing=listing)]), by=None, now=now)
    shop = Shop.objects.get()
    changed = replace(
        listing, description="Neuf", services=(Service(kind="emporter"),),
        schedule=Schedule((Period(0, 540, 600),)),
    )  # fmt: skip
    apply_import(Plan(updates=[(shop.pk, changed)]), by=None, now=now)
    update, creation = HistoryEntry.objects.all()
    assert (creation.version, creation.changes, creation.note) == (1, {}, "osm")
    assert (update.version, update.capacity, update.action) == (2, "import", "import")
    assert update.changes == {
        "description": ["", "Neuf"],
        "services": [[], [{"kind": "emporter"}]],
        "hours": ["", "Mo 09:00-10:00"],
    }
    assert Shop.objects.get().version == 2


@pytest.mark.parametrize("number", [1, 3])
def test_an_update_costs_the_same_for_many(number, now, django_assert_num_queries):
    commune, category = make_commune(), make_category()
    pairs = []
    for index in range(number):
        shop = make_shop(f"Vis {index}", commune=commune, source="osm", source_id=f"n/{index}")
        listing = replace(
            Listing.of(shop), main_category=category, categories=(category,), commune=commune
        )
        pairs.append((shop.pk, replace(listing, description="Neuf")))
    with django_assert_num_queries(14):
        apply_import(Plan(updates=pairs), by=None, now=now)


def test_of_two_agents_the_second_gets_a_sentence(now):
    shop = make_shop("Avant")
    version = shop.version
    update_listing(
        shop, replace(Listing.of(shop), name="Un"), by=None, now=now, expected_version=version
    )
    copy = Shop.objects.get()
    with pytest.raises(Conflict, match="modifiée entre-temps") as caught:
        update_listing(
            copy, replace(Listing.of(copy), name="Deux"), by=None, now=now,
            expected_version=version,
        )  # fmt: skip
    assert caught.value.differences == {"name": ["Un", "Deux"]}
    assert Shop.objects.get().name == "Un"


def test_a_stale_object_does_not_take_a_decision_back(now):
    """Only what a write is about is written: not the state that was read with it."""
    shop = make_shop("Avant", status="pending")
    stale = Shop.objects.get()
    status.publish(shop, by=None, now=now)
    update_listing(stale, replace(Listing.of(stale), name="Après"), by=None, now=now)
    assert Shop.objects.get().status == stale.status == "published"


def test_values_in_words(django_assert_num_queries):
    shop = make_shop()
    owner = make_member(shop, name="Awa Diallo")
    category = make_category("Traiteur")
    changes = {
        "name": ["Avant", "Après"],
        "phone": ["", "+33147510102"],
        "hours": ["", "Tu-Sa 09:00-12:30"],
        "holiday_rule": ["unknown", "closed"],
        "main_category": ["gone", category.slug],
        "categories": [[], [category.slug]],
        "point": [None, [48.87, 2.2]],
        "location_source": ["", "merchant"],
        "payment_means": [[], ["cards", "cash"]],
        "services": [[], [{"kind": "livraison", "area": "Le bourg", "fee": "2.00"}]],
        "specials": [
            [],
            [
                {"start": "2026-12-24", "end": "2026-12-31", "kind": "closed",
                 "reason": "congés", "periods": []},
                {"start": "2027-01-02", "end": "2027-01-02", "kind": "hours", "reason": "",
                 "periods": [[5, 540, 720, False]]},
            ],
        ],
        "members": [None, {"user": owner.pk, "role": "owner"}],
        "status": ["pending", "published"],
    }  # fmt: skip
    with django_assert_num_queries(2):
        words = Words.for_changes([changes])
        said = {name: (old, new) for name, old, new in words.lines(changes)}
    plain = {name: tuple(part.replace("\xa0", " ") for part in two) for name, two in said.items()}
    assert plain == {
        "Nom": ("Avant", "Après"),
        "Téléphone": ("", "01 47 51 01 02"),
        "Horaires": ("", "Du mardi au samedi : 9 h – 12 h 30\u202f; Lundi et dimanche : Fermé"),
        "Jours fériés": ("à confirmer", "fermé les jours fériés"),
        "Catégorie principale": ("gone", "Traiteur"),
        "Autres catégories": ("", "Traiteur"),
        "Point sur la carte": ("", "48.87000, 2.20000"),
        "Moyens de paiement": ("", "carte bancaire, espèces"),
        "Services": ("", "Livraison (zone de livraison : Le bourg, frais de livraison (€) : 2.00)"),
        "Fermetures et congés": (
            "",
            "du 24 décembre 2026 au 31 décembre 2026 : fermé (congés)\u202f; "
            "2 janvier 2027 : 9 h – 12 h",
        ),
        "Personnes": ("", "Awa Diallo (responsable)"),
        "État": ("en attente de validation", "publié"),
    }
    owner.delete()
    assert Words.for_changes([changes]).value("members", changes["members"][1]) == (
        "un compte supprimé (responsable)"
    )


class TestWho:
    """Nobody writes without standing to the shop in some capacity."""

    @pytest.mark.parametrize(
        "act",
        [
            lambda shop, **a: set_hours(shop, Schedule((Period(0, 540, 720),)), **a),
            lambda shop, **a: set_services(shop, [Service(kind="retrait")], **a),
            lambda shop, **a: update_listing(shop, replace(Listing.of(shop), name="À moi"), **a),
            lambda shop, **a: confirm(shop, as_=Confirmer.MERCHANT, **a),
            lambda shop, **a: add_member(shop, a["by"], **a),
        ],
    )
    def test_a_stranger_does_not(self, now, act):
        shop = make_shop("Le Fournil")
        before = Shop.objects.values().get()
        with pytest.raises(WorkflowError, match=r"ne permet pas|Seul un responsable"):
            act(Shop.objects.get(), by=make_user(), now=now)
        assert Shop.objects.values().get() == before
        assert not ShopMember.objects.exists()
        assert HistoryEntry.objects.filter(shop=shop).count() == 1

    def test_a_helper_stands_back_where_somebody_keeps_the_listing(self, now):
        shop, helper = make_shop("Le Fournil"), make_user()
        give_role(helper, shop.commune, role="helper", by=None, now=now)
        assert held_by(shop, helper)[1] == "helper"
        make_member(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            held_by(shop, helper)

    def test_a_shop_that_closed_is_reopened_first(self, now):
        shop = make_shop("Le Fournil", status="closed")
        with pytest.raises(WorkflowError, match="rouvrez d’abord"):
            held_by(shop, None)
        assert held_by(shop, None, open_only=False)[0] == shop

    def test_some_capacities_only(self):
        shop = make_shop("Le Fournil")
        with pytest.raises(WorkflowError, match="Non"):
            held_by(shop, make_member(shop), allowed={"town_hall"}, refusal="Non.")
