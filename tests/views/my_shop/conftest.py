"""A shop of Suresnes, its owner, and a page of it as a browser sees it."""

import re
from html import unescape

import pytest
from django.utils import timezone

from merchants.models import Commune, Shop
from merchants.workflow import registration
from merchants.workflow.values import Listing
from tests.factories import make_category, make_commune, make_member, make_shop, make_user
from tests.leaves import test_company_search as companies


@pytest.fixture
def shop(db):
    commune = make_commune()
    Commune.objects.filter(pk=commune.pk).update(version=0)
    return make_shop(
        "Le Fournil",
        commune=commune,
        category=make_category("Boulangerie"),
        hours="Mo-Fr 09:00-12:30,14:00-19:00; PH off",
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
        phone="+33147510102",
        description="Du pain",
    )


@pytest.fixture
def owner(shop):
    return make_member(shop, name="Awa Diallo")


@pytest.fixture
def awa(login, owner):
    """The owner's."""
    return login(owner)


@pytest.fixture
def url(shop):
    def url(path: str = "") -> str:
        return f"/mon-commerce/{shop.pk}/{path}"

    return url


@pytest.fixture
def text():
    """What a page says, in plain spaces."""

    def text(response) -> str:
        html = re.sub(r"<[^>]+>", " ", response.content.decode())
        return re.sub(r"\s+", " ", unescape(html)).replace(" ’", "’")

    return text


@pytest.fixture
def fields():
    """`fields(response)` is what the browser would send if nothing were changed."""

    def fields(response) -> dict:
        form = response.context["form"]
        data = {"version": response.context["version"]}
        if response.context["agreed"]:
            data["agreed"] = response.context["agreed"]
        forms = getattr(form, "services", [form])
        for one in forms:
            for bound in one:
                value = bound.value()
                if value is None or value is False or value == []:
                    continue
                prepared = bound.field.prepare_value(value)
                data[bound.html_name] = "on" if prepared is True else prepared
        return data

    return fields


# Somebody who registers a shop --------------------------------------------------------------


@pytest.fixture
def commune(db):
    return make_commune("Suresnes", insee_code="92073")


@pytest.fixture
def outside(service, settings):
    settings.COMPANY_SEARCH_URL = service.url
    siege = companies.head_office(companies.SIRET, "12", "RUE", "DE LA PAIX")
    service.body = companies.answer(companies.unit(siege))
    return service


@pytest.fixture
def newcomer(db):
    return make_user("lea@example.fr", name="Léa Martin")


@pytest.fixture
def lea(login, newcomer):
    return login(newcomer)


@pytest.fixture
def begin(commune, newcomer):
    def begin(name: str = "Le Fournil", **fields) -> Shop:
        listing = Listing(**{"commune": commune, "name": name, "main_category": None} | fields)
        return registration.begin(listing, by=newcomer, now=timezone.now())

    return begin


@pytest.fixture
def draft(begin):
    """Whole enough to be sent."""
    return begin(street="rue de la Paix", house_number="12", main_category=make_category())
