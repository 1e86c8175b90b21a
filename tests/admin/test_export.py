"""Exports of the list: with its search and filters, and never a row of another commune."""

import csv
import io
import json

import pytest
from django.contrib.auth.models import Permission

from merchants.models import CommuneRole, Shop
from merchants.workflow.registration import begin
from merchants.workflow.roles import give_role
from merchants.workflow.values import Listing
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/shop/"
EXPORT = f"{LIST}export/"


@pytest.fixture
def towns():
    here, there = make_commune("Suresnes", insee_code="92073"), make_commune("Garches")
    make_shop("Le Fournil", commune=here, phone="+33147510102", phone_is_public=False)
    make_shop("Le Levain", commune=here, status="pending")
    make_shop("La Garchoise", commune=there)
    return here, there


@pytest.fixture
def enter(login, towns):
    def enter(who: str):
        if who == "superuser":
            return login(make_user(is_superuser=True, is_staff=True))
        if who == "merchant":
            return login(make_member(towns[0].shops.first()))
        user = make_user()
        role, _space, place = who.partition(" ")
        give_role(user, towns[place == "elsewhere"], role=role, by=None, now=NOW)
        return login(user)

    return enter


def names(response) -> list[str]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [row["nom"] for row in csv.DictReader(io.StringIO(text), delimiter=";")]


OURS = ["Le Fournil", "Le Levain"]


@pytest.mark.parametrize(
    ("who", "found"),
    [("agent", OURS), ("referent", OURS), ("agent elsewhere", ["La Garchoise"]),
     ("superuser", ["La Garchoise", *OURS])],
)  # fmt: skip
@pytest.mark.parametrize("query", ["", "all=1", "p=0", "o=-1.2"])
def test_whose_rows(enter, who, found, query):
    response = enter(who).get(f"{EXPORT}csv/?{query}")
    assert sorted(names(response)) == sorted(found)
    assert "no-store" in response["Cache-Control"]
    assert 'filename="commerces-' in response["Content-Disposition"]


@pytest.mark.parametrize("who", ["helper", "merchant"])
@pytest.mark.parametrize("format", ["csv", "xlsx", "geojson"])
def test_who_gets_none(enter, client, who, format):
    for browser in (enter(who), client):
        assert browser.get(f"{EXPORT}{format}/").status_code == 302
    assert enter(who).get(f"{EXPORT}{format}/", follow=True).status_code == 403


def test_a_helper_who_may_look_exports_nothing_of_there(login, towns):
    user = make_user(is_staff=True)
    give_role(user, towns[0], role="helper", by=None, now=NOW)
    give_role(user, towns[1], role="agent", by=None, now=NOW)
    user.user_permissions.add(Permission.objects.get(codename="view_shop"))
    browser = login(user)
    assert "Le Fournil" in browser.get(LIST).content.decode()
    assert names(browser.get(f"{EXPORT}csv/")) == ["La Garchoise"]
    CommuneRole.objects.filter(role="agent").delete()
    assert browser.get(f"{EXPORT}csv/").status_code == 403
    assert "export/csv" not in browser.get(LIST).content.decode()


def test_no_question_reaches_another_commune(enter, towns):
    browser, there = enter("agent"), towns[1]
    for query in (f"commune__id__exact={there.pk}", "q=garchoise", f"commune__id={there.pk}",
                  f"id__in={there.shops.get().pk}"):  # fmt: skip
        response = browser.get(f"{EXPORT}csv/?{query}")
        if response.status_code == 200:
            assert set(names(response)) <= set(OURS), query
        else:
            assert response.status_code in {302, 400}, query
    every = Shop.objects.values_list("pk", flat=True)
    chosen = {"action": "export_csv", "select_across": "1", "_selected_action": list(every)}
    assert sorted(names(browser.post(LIST, chosen))) == OURS


def test_the_search_and_the_filters_of_the_list(enter, towns):
    browser = enter("agent")
    for query, found in (
        ("q=levain", ["Le Levain"]),
        ("status__exact=published", ["Le Fournil"]),
        ("q=levain&status__exact=published", []),
        ("confirmation=jamais", OURS),
        ("confirmation=recente", []),
    ):
        assert sorted(names(browser.get(f"{EXPORT}csv/?{query}"))) == found, query
        page = browser.get(f"{LIST}?{query}").content.decode()
        assert f'href="{EXPORT}csv/?' in page.replace("&amp;", "&")
    assert browser.get(f"{EXPORT}csv/?status__exact=x&n_importe=1").status_code == 302
    assert browser.get(f"{EXPORT}pdf/").status_code == 404
    assert browser.post(f"{EXPORT}csv/").status_code == 405


def test_the_ticked_ones(enter, towns):
    browser, chosen = enter("agent"), towns[0].shops.get(name="Le Levain")
    ticked = {"_selected_action": [chosen.pk]}
    assert names(browser.post(LIST, ticked | {"action": "export_csv"})) == ["Le Levain"]
    told = browser.post(LIST, ticked | {"action": "export_geojson"})
    assert told["Content-Type"] == "application/geo+json"
    data = json.loads(b"".join(told.streaming_content))
    assert [row["properties"]["nom"] for row in data["features"]] == ["Le Levain"]
    sheet = browser.post(LIST, ticked | {"action": "export_xlsx"})
    assert b"".join(sheet.streaming_content).startswith(b"PK")


def test_what_a_merchant_has_begun_is_nobody_elses(enter, towns):
    begin(Listing(commune=towns[0], name="Mon projet", main_category=None), by=make_user(), now=NOW)
    assert "Mon projet" not in names(enter("superuser").get(f"{EXPORT}csv/"))


@pytest.mark.parametrize("number", [3, 30])
def test_costs_the_same_whatever_its_length(enter, towns, number, django_assert_num_queries):
    for _number in range(number):
        make_shop(commune=towns[0])
    browser = enter("agent")
    list(browser.get(f"{EXPORT}csv/").streaming_content)
    with django_assert_num_queries(17):
        list(browser.get(f"{EXPORT}csv/").streaming_content)
