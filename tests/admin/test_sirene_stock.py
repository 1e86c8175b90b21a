"""A file of INSEE handed over at /mairie/sirene/: what an agent is told, and what waits then."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from merchants.forms import sirene_stock
from merchants.models import SireneCase
from tests.factories import make_commune, make_shop
from tests.sirene import (
    ESTABLISHMENT,
    UNIT,
    establishment,
    make_agent,
    make_bakery,
    number,
    unit,
    write_stock,
)

pytestmark = pytest.mark.django_db

QUEUE, STOCK = "/mairie/sirene/", "/mairie/sirene/fichier/?commune=92073"


@pytest.fixture
def commune():
    make_bakery()
    return make_commune("Suresnes", insee_code="92073")


@pytest.fixture
def browser(login, commune):
    return login(make_agent(commune))


@pytest.fixture
def files(tmp_path):
    """Two bakeries, one of which is nameless without the second file; one that has closed, one
    that objects to diffusion."""
    rows = [
        establishment(number(1)),
        establishment(number(2), numeroVoie="3", enseigne1=""),
        establishment(number(3), etatAdministratif="F"),
        establishment(number(4), statutDiffusion="P", numeroVoie="5"),
    ]
    return {
        "file": write_stock(tmp_path / "etablissements.csv", rows, ESTABLISHMENT),
        "units": write_stock(tmp_path / "unites.csv", [unit(number(2))], UNIT),
    }


def send(browser, **files) -> list[str]:
    data = {
        name: content
        if isinstance(content, SimpleUploadedFile)
        else SimpleUploadedFile(content.name, content.read_bytes())
        for name, content in files.items()
    }
    page = browser.post(STOCK, data, follow=True)
    assert page.redirect_chain == [(f"{QUEUE}?commune=92073", 302)]
    return [str(message).replace("\u00a0", " ") for message in page.context["messages"]]


def test_the_page_offers_it(browser):
    page = browser.get(QUEUE).content.decode()
    assert "Comparer avec un fichier de l’INSEE" in page
    assert f'action="{STOCK}"' in page


def test_what_differs_waits(browser, commune, files):
    make_shop("L’Ancien", siret=number(3), street="rue du Mont")
    said = send(browser, **files)
    assert said == ["Nouveau d’après ce fichier : 2 commerces absents, 1 fermeture."]
    found = dict(SireneCase.objects.values_list("siret", "name"))
    assert (found[number(1)], found[number(2)]) == ("Le Fournil", "Le Fournil de Mamie")
    assert set(found) == {number(1), number(2), number(3)}
    assert send(browser, **files) == ["Rien de nouveau d’après ce fichier."]


def test_a_packed_file_without_the_companies(browser, files):
    packed = SimpleUploadedFile("etablissements.csv.gz", gzip.compress(files["file"].read_bytes()))
    assert send(browser, file=packed) == ["Nouveau d’après ce fichier : 2 commerces absents."]


def test_a_number_that_an_extract_lacks_is_not_unknown(browser, files):
    """Only the whole register can say that nobody has a SIRET: no successor of the shop there."""
    make_shop("L’Autre", siret=number(9), house_number="12", street="rue de la Paix",
              category=make_bakery())  # fmt: skip
    send(browser, file=files["file"])
    assert set(SireneCase.objects.values_list("kind", flat=True)) == {"unlisted"}


def test_nothing_is_of_this_town(browser, tmp_path):
    rows = [establishment(number(1), codeCommune="92033")]
    path = write_stock(tmp_path / "ailleurs.csv", rows, ESTABLISHMENT)
    assert send(browser, file=path) == [
        "Ce fichier ne contient aucun établissement de la commune (Suresnes)."
    ]


def test_what_is_no_stock_is_refused(browser, tmp_path):
    path = tmp_path / "commerces.csv"
    path.write_text("nom;rue\nÉpi;rue du Mont\n")
    [sentence] = send(browser, file=path)
    assert sentence.startswith("Le fichier commerces.csv n’est pas StockEtablissement")
    assert not SireneCase.objects.exists()


def test_without_a_file(browser):
    assert send(browser) == ["Choisissez le fichier des établissements."]


def test_a_file_that_is_too_large(browser, files, monkeypatch):
    monkeypatch.setattr(sirene_stock, "MOST_BYTES", 1000)
    assert send(browser, **files) == ["Un fichier pèse plus de 0 Mo : lancez la commande."]
    assert not SireneCase.objects.exists()


@pytest.mark.parametrize("role", ["helper", "agent"])
def test_of_another_town(login, commune, files, role):
    elsewhere = make_commune("Garches", insee_code="92033")
    browser = login(make_agent(commune if role == "helper" else elsewhere, role))
    answer = browser.post(STOCK, {"file": SimpleUploadedFile("a.csv", files["file"].read_bytes())})
    assert answer.status_code in {302, 404}
    assert not SireneCase.objects.exists()


def test_the_official_sample(browser, commune, shared_data):
    folder = shared_data / "sirene"
    assert send(
        browser,
        file=folder / "sample_etablissements_OK.csv",
        units=folder / "sample_unites_legales_OK.csv",
    ) == ["Ce fichier ne contient aucun établissement de la commune (Suresnes)."]
