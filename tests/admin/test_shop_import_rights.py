"""Whose file of shops it is: every address of an import, as each kind of person, GET and POST."""

import pytest

from merchants.models import Shop, ShopImport
from merchants.opendata.category_files import read_categories
from merchants.workflow.categories import save_categories
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.importing import LIST, SHOPS, csv_of, imports_in, make_import, upload_of

pytestmark = pytest.mark.django_db

READ = ["", "colonnes/", "avancement/", "appliquer/", "annuler/", "bilan.csv", "fichier/"]
WRITTEN = ["colonnes/", "decider/", "recommencer/", "appliquer/", "annuler/"]
DECIDERS = ["agent", "referent", "superuser"]
KEPT_OUT = ["agent elsewhere", "referent elsewhere", "helper", "merchant", "nobody"]


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return imports_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def commune(db):
    save_categories(read_categories(), by=None, now=NOW)
    return make_commune("Suresnes")


@pytest.fixture
def elsewhere(db):
    return make_commune("Garches")


@pytest.fixture
def enter(login, client, commune, elsewhere):
    """`enter("agent")`: the browser of somebody by what they are to the commune."""

    def enter(who: str):
        if who == "nobody":
            return client
        if who == "superuser":
            return login(make_user(is_superuser=True, is_staff=True))
        if who == "merchant":
            return login(make_member(make_shop(commune=commune)))
        user = make_user()
        place = elsewhere if who.endswith("elsewhere") else commune
        give_role(user, place, role=who.split()[0], by=None, now=NOW)
        return login(user)

    return enter


def is_closed(response) -> bool:
    """Refused, not found, or sent to the door."""
    to_the_door = response.status_code == 302 and "/login/" in response.headers["Location"]
    return response.status_code in {403, 404} or to_the_door


def answers(browser, run: ShopImport) -> dict[str, object]:
    """Every address of an import, read and written, with what it answers."""
    line = run.lines.first()
    data = {f"line-{line.pk}": "take", "column-0": "nom"} if line else {}
    page = f"{LIST}{run.pk}/"
    return {f"GET {word}": browser.get(page + word) for word in READ} | {
        f"POST {word}": browser.post(page + word, data) for word in WRITTEN
    }


@pytest.mark.parametrize("who", DECIDERS)
def test_one_s_own(enter, commune, who):
    run = make_import(commune, publish=True)
    browser = enter(who)
    for word in READ:
        response = browser.get(f"{LIST}{run.pk}/{word}")
        assert response.status_code in {200, 204, 302}, word
        assert not is_closed(response)
        assert "no-store" in response.headers["Cache-Control"]
        if response.streaming:  # Read to its end, or the file stays open.
            assert list(response)
    assert b"".join(browser.get(f"{LIST}{run.pk}/fichier/")) == csv_of(SHOPS)
    assert browser.post(f"{LIST}{run.pk}/appliquer/").status_code == 302
    assert Shop.objects.published().in_commune(commune).filter(source__startswith="csv:").exists()


@pytest.mark.parametrize("who", KEPT_OUT)
def test_of_others(enter, commune, who):
    run = make_import(commune)
    before = [run.lines.values_list(), list(ShopImport.objects.values_list())]
    before[0] = list(before[0])
    shops = set(Shop.objects.values_list("pk", "version"))
    browser = enter(who)
    shops |= set(Shop.objects.values_list("pk", "version"))  # a merchant brings one along
    found = answers(browser, run)
    assert [address for address, answer in found.items() if not is_closed(answer)] == []
    assert [list(run.lines.values_list()), list(ShopImport.objects.values_list())] == before
    assert set(Shop.objects.values_list("pk", "version")) == shops


@pytest.mark.parametrize("who", ["agent elsewhere", "helper", "merchant", "nobody"])
def test_no_list_and_no_upload_for_that_commune(enter, commune, who):
    make_import(commune)
    browser = enter(who)
    query = {"commune": commune.insee_code}
    assert is_closed(browser.get(LIST, query))
    assert is_closed(browser.get(f"{LIST}nouveau/", query))
    data = {"file": upload_of(csv_of(SHOPS))}
    response = browser.post(f"{LIST}nouveau/?commune={commune.insee_code}", data)
    assert is_closed(response)
    assert ShopImport.objects.count() == 1


def test_an_agent_elsewhere_finds_a_list_of_his_own(enter, commune, elsewhere):
    make_import(commune)
    page = enter("agent elsewhere").get(LIST)
    assert page.context["commune"] == elsewhere
    assert "commerces.csv" not in page.content.decode()


@pytest.mark.parametrize("who", ["agent", "referent"])
def test_files_of_several_communes_are_administrators(enter, commune, who):
    run = make_import(None)
    browser = enter(who)
    found = answers(browser, run)
    assert [address for address, answer in found.items() if not is_closed(answer)] == []
    assert "commerces.csv" not in browser.get(LIST).content.decode()
    # Whoever asks for one gets a file of his commune.
    assert "everywhere" not in browser.get(f"{LIST}nouveau/").context["form"].fields
    browser.post(f"{LIST}nouveau/", {"file": upload_of(csv_of(SHOPS)), "everywhere": "1"})
    assert ShopImport.objects.get(commune__isnull=False).commune == commune


def test_an_administrator_imports_for_several_communes(enter, commune):
    browser = enter("superuser")
    data = {"file": upload_of(csv_of(SHOPS)), "everywhere": "1"}
    browser.post(f"{LIST}nouveau/?commune={commune.insee_code}", data)
    assert ShopImport.objects.get().commune is None
    page = browser.get(LIST, {"commune": commune.insee_code}).content.decode()
    assert "Plusieurs communes" in page


def test_lines_of_another_import_are_left_alone(enter, commune, elsewhere):
    """The number of a line of another commune's file, sent with one's own."""
    theirs, mine = make_import(elsewhere), make_import(commune)
    line = theirs.lines.first()
    type(line).objects.filter(pk=line.pk).update(asked={"name": ["a", "b"]}, result="asked")
    response = enter("agent").post(f"{LIST}{mine.pk}/decider/", {f"line-{line.pk}": "take"})
    assert response.status_code == 302
    line.refresh_from_db()
    assert line.take is False


@pytest.mark.parametrize("word", ["", "avancement/", "bilan.csv", "fichier/"])
def test_what_is_read_is_not_posted(enter, commune, word):
    run = make_import(commune)
    assert enter("agent").post(f"{LIST}{run.pk}/{word}").status_code == 405


@pytest.mark.parametrize("word", ["decider/", "recommencer/"])
def test_what_is_posted_is_not_read(enter, commune, word):
    run = make_import(commune)
    assert enter("agent").get(f"{LIST}{run.pk}/{word}").status_code == 405
