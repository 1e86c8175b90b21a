"""List, map, counts and CSV answer every combination of filters with the same shops."""

import csv
import io
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from merchants.geo import Point
from merchants.models import Shop
from merchants.models.commune import PARIS
from merchants.models.service import ServiceKind
from merchants.opening_hours import State
from merchants.text import normalise
from merchants.views.results import Results
from tests.factories import make_category, make_commune, make_shop

pytestmark = pytest.mark.django_db

WORDS = ["pain", "bio", "levain", "vélo", "réparation", "café", "fleurs", "œufs"]
HOURS = ["Mo-Fr 09:00-18:00", "Tu-Sa 09:00-12:30,14:00-19:00", "We-Su 18:00-26:00", "24/7", None]
COMBINATIONS = 40


@pytest.fixture(autouse=True)
def _every_page_is_rendered(settings):
    """A kept page has no context to look into."""
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = {"default": dummy, "pages": dummy}


@pytest.fixture
def town():
    rng = random.Random(7)
    commune = make_commune()
    names = [("Alimentation", "Boulangerie"), ("Alimentation", "Épicerie"), ("Loisirs", "Cycles"),
             ("Maison", "Fleuriste"), ("Restauration", "Café")]  # fmt: skip
    categories = [make_category(name, group=group) for group, name in names]
    for number in range(32):
        main, other = rng.sample(categories, 2)
        make_shop(
            f"{rng.choice(WORDS).title()} n° {number}",
            commune=commune,
            category=main,
            categories=(other,) if rng.random() < 0.4 else (),
            description=" ".join(rng.sample(WORDS, 2)),
            street=rng.choice(["Rue de la Gare", "Place du Marché"]),
            hours=rng.choice(HOURS),
            services=rng.sample(list(ServiceKind), rng.randrange(4)),
            point=None
            if number % 9 == 0
            else Point(48.87 + rng.uniform(-0.02, 0.02), 2.22 + rng.uniform(-0.02, 0.02)),
        )
    make_shop("Brouillon", commune=commune, status="draft", hours="24/7")
    return commune


def combinations():
    """Random parameters of the address, some of them nonsense."""
    rng = random.Random(2026)
    for _number in range(COMBINATIONS):
        chosen = {}
        if rng.random() < 0.4:
            chosen["q"] = " ".join(
                rng.sample([*WORDS, "boulang", "gare", "velos"], rng.choice([1, 1, 2]))
            )
        if rng.random() < 0.5:
            slugs = ["alimentation", "boulangerie", "cycles", "loisirs", "fleuriste", "inconnue"]
            chosen["categorie"] = rng.sample(slugs, rng.choice([1, 2]))
        if rng.random() < 0.4:
            chosen["service"] = rng.sample([*ServiceKind.values, "drone"], rng.choice([1, 1, 2]))
        if rng.random() < 0.5:
            chosen["ouvert"] = rng.choice(
                ["maintenant", "2026-11-29T10:00", "2026-12-25T19:00", "hier"]
            )
        if rng.random() < 0.3:
            chosen["pres"] = rng.choice(["48.87,2.22", "48.88,2.21", "ici"])
            chosen["rayon"] = rng.choice(["1", "2", "-3", ""])
        if rng.random() < 0.2:
            chosen["zone"] = rng.choice(["2.20,48.86,2.23,48.88", "5,4,3,2"])
        if rng.random() < 0.5:
            chosen["tri"] = rng.choice(["", "nom", "distance", "confirme", "argent"])
        yield chosen


def test_every_answer_holds_the_same_shops(client, town):
    for chosen in combinations():
        page = client.get(town.get_absolute_url(), chosen)
        assert page.status_code == 200, chosen
        listed = listed_ids(client, page)
        mapped = client.get(f"/{town.slug}/commerces.geojson", chosen).json()["features"]
        rows = client.get(f"/{town.slug}/commerces.csv", chosen).content.decode("utf-8-sig")
        exported = [
            int(row["identifiant"]) for row in csv.DictReader(io.StringIO(rows), delimiter=";")
        ]
        with_point = {shop.pk for shop in Shop.objects.exclude(latitude=None)}

        assert listed == exported, chosen
        assert len(set(listed)) == len(listed) == page.context["results"].total, chosen
        assert {feature["id"] for feature in mapped} == set(listed) & with_point, chosen


def test_the_answer_is_the_one_that_plain_python_gives(client, town):
    """The same filters, written a second time without SQL."""
    everything = list(
        town.shops.published().prefetch_related("categories__parent", "services").with_commune()
    )
    for chosen in combinations():
        results = client.get(town.get_absolute_url(), chosen).context["results"]
        wanted = {shop.pk for shop in everything if answers(shop, results)}
        assert set(results.shops.values_list("pk", flat=True)) == wanted, chosen


def test_the_count_beside_an_option_is_what_the_option_gives(town, now):
    def results(query: dict) -> Results:
        request = RequestFactory().get("/", query)
        return Results(
            town.shops.published(), request.GET, now=now, clock=PARIS, clocks=[PARIS], path="/"
        )

    for chosen in list(combinations())[:8]:
        before = results(chosen)
        for group in before.groups:
            for option in (group, *group.options):
                assert results(chosen | {"categorie": option.value}).total == option.count
        for option in before.services:
            services = [*before.criteria.services, option.value]
            assert results(chosen | {"service": services}).total == option.count
        assert results(chosen | {"ouvert": "maintenant"}).total == before.open_now


def answers(shop: Shop, results: Results) -> bool:
    criteria = results.criteria
    words = normalise(
        " ".join([shop.name, shop.description, shop.street, shop.commune.name,
                  *(f"{c.name} {c.name_en} {c.keywords}" for c in shop.categories.all()),
                  *(service.get_kind_display() for service in shop.services.all())])
    ).split()  # fmt: skip
    asked = [re.sub("[sx]$", "", word) for word in normalise(criteria.question).split()]
    groups = {pk for c in shop.categories.all() for pk in (c.pk, c.parent_id)}
    return (
        all(any(word.startswith(beginning) for word in words) for beginning in asked)
        and (not criteria.categories or bool(groups & {c.pk for c in criteria.categories}))
        and set(criteria.services) <= {service.kind for service in shop.services.all()}
        and (not criteria.instant or shop.schedule.state(criteria.instant) == State.OPEN)
        and (not criteria.box or bool(shop.point and criteria.box.holds(shop.point)))
        and (
            not criteria.point
            or bool(shop.point and criteria.point.distance_km(shop.point) <= criteria.radius_km)
        )
    )


def listed_ids(client, page) -> list[int]:
    """The shops of all pages of the list, by following "next"."""
    ids = []
    while True:
        ids += [int(pk) for pk in re.findall(r'data-shop="(\d+)"', page.content.decode())]
        address = page.context["results"].next_url
        if not address:
            return ids
        page = client.get(address)


def test_open_now_is_asked_at_the_present_minute(client, town):
    results = client.get(town.get_absolute_url(), {"ouvert": "maintenant"}).context["results"]
    assert abs(results.criteria.instant - datetime.now(UTC)) < timedelta(minutes=2)
