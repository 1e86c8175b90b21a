"""The page of figures, and its file."""

import csv
import io
import re
from datetime import date

import pytest
from django.utils import timezone

from merchants.models import EmptySearch, Shop, ShopViews
from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.factories import make_commune, make_shop, make_user

pytestmark = pytest.mark.django_db
PAGE, FILE = "/mairie/chiffres/", "/mairie/chiffres.csv"


@pytest.fixture
def commune():
    return make_commune("Suresnes")


@pytest.fixture
def elsewhere(commune):
    return make_commune("Garches")


@pytest.fixture
def enter(login, commune, elsewhere):
    def enter(who: str):
        user = make_user(is_superuser=who == "superuser", is_staff=who == "superuser")
        if who.split()[0] in {"agent", "referent", "helper"}:
            place = elsewhere if who.endswith("elsewhere") else commune
            give_role(user, place, role=who.split()[0], by=None, now=timezone.now())
        return login(user)

    return enter


@pytest.fixture
def this_month() -> date:
    return timezone.localdate().replace(day=1)


def rows(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("address", [PAGE, FILE])
@pytest.mark.parametrize(
    ("who", "here", "there", "everywhere"),
    [
        ("agent", 200, 404, 404), ("referent", 200, 404, 404), ("agent elsewhere", 404, 200, 404),
        ("helper", 302, 302, 302), ("merchant", 302, 302, 302), ("superuser", 200, 200, 200),
    ],
)  # fmt: skip
def test_who_may(enter, commune, elsewhere, address, who, here, there, everywhere):
    make_shop("Le Fournil", commune=commune)
    browser = enter(who)
    codes = (commune.insee_code, elsewhere.insee_code, "toutes")
    answers = [browser.get(f"{address}?commune={code}") for code in codes]
    assert [answer.status_code for answer in answers] == [here, there, everywhere]
    assert browser.post(address).status_code in {302, 405}


def test_nothing_of_another_commune(enter, commune, elsewhere, this_month):
    for place, name in ((commune, "Le Fournil"), (elsewhere, "La Garchoise")):
        shop = make_shop(name, commune=place)
        ShopViews.objects.create(shop=shop, month=this_month, number=5)
        EmptySearch.objects.create(commune=place, month=this_month, words=f"a {name}", number=2)
    agent = enter("agent")
    for address in (PAGE, FILE):
        said = agent.get(address).content.decode()
        assert "Le Fournil" in said and "Garch" not in said
    said = enter("superuser").get(f"{PAGE}?commune=toutes").content.decode()
    assert "Le Fournil" in said and "La Garchoise" in said


def test_the_page_says_each_chart_in_a_table(enter, commune):
    make_shop("Le Fournil", commune=commune)
    answer = enter("agent").get(PAGE)
    page = answer.content.decode()
    assert page.count('<svg class="chart"') == page.count('role="img"') == 9
    assert page.count("<title id=") == page.count("<desc id=") == 9
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for chart in answer.context["charts"]:
        assert len(chart.bars) == 12
        assert chart.title in map(str, answer.context["columns"])
    # A decimal comma is no coordinate.
    assert not re.search(r'(?:x|y|width|height)="[\d.]*,', page)
    assert "style=" not in page.partition('id="content"')[2]


def test_a_month_is_chosen(enter, commune, this_month):
    shop = make_shop("Le Fournil", commune=commune)
    Shop.objects.update(created_at="2020-01-01T00:00Z")
    last = (this_month.replace(day=1) - timezone.timedelta(days=1)).replace(day=1)
    ShopViews.objects.create(shop=shop, month=last, number=41)
    agent = enter("agent")
    assert "Aucune consultation" in words(agent.get(PAGE))
    answer = agent.get(f"{PAGE}?mois={last:%Y-%m}")
    assert answer.context["month"] == f"{last:%Y-%m}"
    assert [row.number for row in answer.context["viewed"]] == [41]
    assert f"chiffres.csv?mois={last:%Y-%m}" in answer.content.decode()
    for nonsense in ("2020-01", "2026-13", "x", ""):
        assert agent.get(f"{PAGE}?mois={nonsense}").context["month"] == f"{this_month:%Y-%m}"


def test_an_empty_commune(enter):
    said = words(enter("agent").get(PAGE))
    assert "Aucune fiche n’était en ligne." in said
    assert "Aucune recherche sans résultat" in said


def test_the_file_says_all_of_it_and_does_nothing(enter, commune, this_month):
    shop = make_shop("=1+1", commune=commune, hours=None)
    ShopViews.objects.create(shop=shop, month=this_month, number=5)
    EmptySearch.objects.create(commune=commune, month=this_month, words="poisson", number=2)
    answer = enter("agent").get(FILE)
    month = f"{this_month:%Y-%m}"
    assert f"chiffres-suresnes-{month}.csv" in answer.headers["Content-Disposition"]
    found = rows(answer)
    assert ["mois", month, "", "Fiches en ligne", "1"] in found
    assert ["mois", month, "", "Avec horaires", "0,0"] in found
    assert ["catégorie", month, "Boulangerie", "Fiches en ligne", "1"] in found
    assert ["recherche sans résultat", month, "poisson", "fois", "2"] in found
    assert not any(cell.startswith("=") for row in found for cell in row)
    assert len([row for row in found if row[0] == "mois"]) == 12 * 14 + 0


@pytest.mark.parametrize("number", [3, 30])
def test_costs_the_same_number_of_queries(
    enter, commune, number, django_assert_max_num_queries, this_month
):
    for _number in range(number):
        shop = make_shop(commune=commune)
        ShopViews.objects.create(shop=shop, month=this_month, number=1)
    agent = enter("agent")
    with django_assert_max_num_queries(20):
        agent.get(PAGE)
