"""A shop of Suresnes, its owner, and a page of it as a browser sees it."""

import re
from html import unescape

import pytest

from merchants.models import Commune
from tests.factories import make_category, make_commune, make_member, make_shop


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
