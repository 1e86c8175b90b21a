"""An import that nobody will apply is given up by its agents; a file that is gone is said to be."""

import pytest

from merchants.models import ShopImport
from merchants.opendata.category_files import read_categories
from merchants.opendata.import_tasks import hold
from merchants.workflow.categories import save_categories
from tests.claiming import words
from tests.factories import NOW, make_commune, make_user
from tests.importing import LIST, imports_in, make_import
from tests.team import make_colleague

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return imports_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def commune(db):
    save_categories(read_categories(), by=None, now=NOW)
    return make_commune(insee_code="92073")


@pytest.fixture
def agent(login, commune):
    return login(make_colleague(commune))


def address(run: ShopImport) -> str:
    return f"{LIST}{run.pk}/abandonner/"


@pytest.mark.parametrize("upto", ["upload", "read"])
def test_is_asked_first_and_then_done(agent, commune, upto):
    run = make_import(commune, upto=upto)
    assert f'href="{address(run)}"' in agent.get(f"{LIST}{run.pk}/", follow=True).text
    page = words(agent.get(address(run)))
    assert "Abandonner cet import ?" in page and "Aucune fiche de l’annuaire ne change." in page
    assert ShopImport.objects.exists()
    page = agent.post(address(run), follow=True)
    assert page.redirect_chain == [(f"{LIST}?commune=92073", 302)]
    assert "L’import de « commerces.csv » est abandonné." in words(page)
    assert not ShopImport.objects.exists()


@pytest.mark.parametrize("upto", ["apply", "undo"])
def test_not_what_was_applied(agent, commune, upto):
    run = make_import(commune, upto=upto)
    assert address(run) not in agent.get(f"{LIST}{run.pk}/").text
    for answer in (agent.get(address(run)), agent.post(address(run))):
        assert answer.headers["Location"] == f"{LIST}{run.pk}/"
    assert ShopImport.objects.get().lines.count() == 3


def test_not_while_somebody_is_at_it_but_once_that_was_interrupted(agent, commune):
    run = make_import(commune)
    ShopImport.objects.update(task="apply")
    with hold(run.pk):
        assert agent.post(address(run)).headers["Location"] == f"{LIST}{run.pk}/"
    assert f'href="{address(run)}"' in agent.get(f"{LIST}{run.pk}/").text
    agent.post(address(run))
    assert not ShopImport.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("referent", 302), ("superuser", 302), ("elsewhere", 404), ("helper", 302)],
)
def test_whose(login, commune, who, status):
    run = make_import(commune)
    if who == "superuser":
        person = make_user(is_superuser=True, is_staff=True)
    else:
        place = make_commune("Garches") if who == "elsewhere" else commune
        person = make_colleague(place, "agent" if who == "elsewhere" else who)
    answer = login(person).post(address(run))
    assert ShopImport.objects.exists() is (who in {"elsewhere", "helper"})
    assert answer.status_code == status


def test_one_of_several_communes_is_for_administrators(agent, login, commune):
    run = make_import(commune)
    ShopImport.objects.update(commune=None)
    assert agent.post(address(run)).status_code == 404
    login(make_user(is_superuser=True, is_staff=True)).post(address(run))
    assert not ShopImport.objects.exists()


def test_a_file_that_is_gone_is_said_to_be(agent, commune):
    run = make_import(commune, upto="apply")
    assert f"{LIST}{run.pk}/fichier/" in agent.get(f"{LIST}{run.pk}/").text
    ShopImport.objects.update(file="")
    page = agent.get(f"{LIST}{run.pk}/")
    assert f"{LIST}{run.pk}/fichier/" not in page.text
    assert "le fichier a été effacé : il n’est gardé que 90 jours" in words(page)
    assert agent.get(f"{LIST}{run.pk}/fichier/").status_code == 404
