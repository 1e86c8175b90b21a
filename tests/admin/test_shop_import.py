"""The town hall's files of shops: their list, a new one, its columns, how far it has come."""

import pytest
from django.core.cache import cache

from commerce_local.uploads import MOST_KEPT
from merchants.models import Shop, ShopImport, SourceMatching
from merchants.models.shop_import import ImportStatus, ImportTask
from merchants.opendata.category_files import read_categories
from merchants.opendata.import_tasks import hold
from merchants.workflow.categories import save_categories
from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.factories import NOW, make_commune, make_user
from tests.importing import LIST, SHOPS, csv_of, imports_in, make_import, upload_of

pytestmark = pytest.mark.django_db

GEOJSON = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "node/2", '
    '"geometry": {"type": "Point", "coordinates": [2.225, 48.871]}, '
    '"properties": {"name": "Épi", "shop": "bakery"}}]}'
).encode()


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return imports_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def commune(db):
    save_categories(read_categories(), by=None, now=NOW)
    return make_commune(insee_code="92073")


@pytest.fixture
def agent(login, commune):
    user = make_user(name="Ana Silva")
    give_role(user, commune, role="agent", by=None, now=NOW)
    return login(user)


@pytest.fixture
def send(agent):
    """Sends a file as the form does, and follows where that leads."""

    def send(content: bytes, name: str = "commerces.csv", **values):
        data = {"file": upload_of(content, name), "source": "", "publish": "1"} | values
        return agent.post(f"{LIST}nouveau/", data, follow=True)

    return send


def page_of(run: ShopImport, word: str = "") -> str:
    return f"{LIST}{run.pk}/{word}"


def at(response) -> str:
    """Where somebody who was redirected has come to."""
    return response.redirect_chain[-1][0]


class TestList:
    def test_empty_explains_and_offers_a_model(self, agent):
        page = agent.get(LIST)
        assert "Aucun fichier n’a encore été importé pour Suresnes" in words(page)
        assert f'href="{LIST}modele.csv"' in page.content.decode()

    def test_the_model_is_read_without_a_word(self, agent, send):
        send(agent.get(f"{LIST}modele.csv").content)
        run = ShopImport.objects.get()
        rows = agent.get(page_of(run, "colonnes/")).context["form"].rows
        data = {field.html_name: field.value() for _column, field in rows}
        assert all(data.values())
        agent.post(page_of(run, "colonnes/"), data)
        run.refresh_from_db()
        assert run.counts == {"new": 1}
        assert run.lines.get().remarks == []

    def test_tells_what_became_of_each(self, agent, commune):
        make_import(commune, upto="apply")
        page = words(agent.get(LIST))
        assert "Appliqué" in page
        assert "2 nouvelles, 1 refusée" in page

    @pytest.mark.parametrize("number", [1, 3])
    def test_queries(self, agent, commune, number, django_assert_num_queries):
        for _number in range(number):
            make_import(commune, upto="upload", by=make_user(is_superuser=True))
        # The door and the frame cost four; commune, number of runs, runs, communes to choose from.
        with django_assert_num_queries(9):
            agent.get(LIST)


class TestUpload:
    def test_a_table_leads_to_its_columns(self, send, commune):
        response = send(csv_of(SHOPS), source="Liste du marché")
        run = ShopImport.objects.get()
        assert at(response) == page_of(run, "colonnes/")
        assert (run.commune, run.name, run.publish) == (commune, "commerces.csv", True)
        assert run.source == "csv:liste-du-marche-92073"
        assert (run.by.name, run.status) == ("Ana Silva", "uploaded")
        page = words(response)
        assert "activité" in page
        assert "boulangerie" in page

    def test_what_says_itself_what_it_is_leads_to_its_preview(self, send):
        response = send(GEOJSON, "commerces.geojson")
        run = ShopImport.objects.get()
        assert at(response) == page_of(run)
        assert (run.status, run.source, run.counts) == ("ready", "osm", {"new": 1})
        assert "OpenStreetMap" in words(response)

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00", "n’est pas un texte"),
            ("vide.csv", b"", "Ce fichier est vide."),
            ("carte.geojson", b"{", "n’est pas une collection GeoJSON valable"),
            ("liste.xlsx", b"PK\x03\x04rien", "n’est pas un tableur lisible"),
            ("titres.csv", b"nom;adresse\n", "ne contient aucune ligne"),
        ],
    )
    def test_what_cannot_be_read_is_said_and_nothing_typed_is_lost(
        self, send, files, name, content, sentence
    ):
        response = send(content, name, source="Liste du marché", keep_unknown="on")
        assert sentence in words(response)
        form = response.context["form"]
        assert form["source"].value() == "Liste du marché"
        assert form["publish"].value() == "1"
        assert form["keep_unknown"].value() is True
        assert not ShopImport.objects.exists()
        assert not [path for path in files.rglob("*") if path.is_file()]

    def test_what_breaks_further_down_is_said_at_its_columns(self, send):
        response = send(csv_of(SHOPS) + b'5;"' + b"x" * 200_000)
        assert at(response) == page_of(ShopImport.objects.get(), "colonnes/")
        assert "n’est pas un CSV lisible (ligne 5)" in words(response)

    def test_a_file_is_needed(self, agent):
        response = agent.post(f"{LIST}nouveau/", {"source": "Marché"})
        assert "Choisissez un fichier." in words(response)

    def test_too_heavy(self, send):
        response = send(b"nom\n" + b"x" * 50_000_001)
        assert "pèse plus de 50 Mo" in words(response)
        assert not ShopImport.objects.exists()

    def test_more_than_other_forms_take_arrives_whole(self, send):
        line = "Épi;boulangerie;4 rue X;\n".encode()
        rows = csv_of(SHOPS) + line * (MOST_KEPT // len(line))
        send(rows)
        assert ShopImport.objects.get().file.size == len(rows)

    def test_sources_are_offered_again(self, agent, commune):
        make_import(commune, upto="apply")
        page = agent.get(f"{LIST}nouveau/")
        assert page.context["sources"] == ["commerces"]
        assert "Déjà importées : commerces." in words(page)


class TestColumns:
    @pytest.fixture
    def run(self, commune):
        rows = [{"machin": "Épi", "activité": "boulangerie", "adresse": "1 rue X", "truc": "?"}]
        return make_import(commune, rows=rows, upto="upload")

    def test_suggests_what_it_knows(self, agent, run):
        rows = agent.get(page_of(run, "colonnes/")).context["form"].rows
        assert [(column.title, field.value()) for column, field in rows] == [
            ("machin", ""), ("activité", "categorie"), ("adresse", "adresse"), ("truc", ""),
        ]  # fmt: skip

    def test_the_name_is_needed_and_what_was_chosen_stays(self, agent, run):
        response = agent.post(page_of(run, "colonnes/"), {"column-3": "description"})
        assert "Dites quelle colonne donne le nom du commerce." in words(response)
        assert response.context["form"]["column-3"].value() == "description"
        run.refresh_from_db()
        assert run.status == ImportStatus.UPLOADED

    def test_a_choice_is_read_and_kept_for_that_source(self, agent, run, commune):
        data = {"column-0": "nom", "column-1": "categorie", "column-2": "adresse"}
        response = agent.post(page_of(run, "colonnes/"), data, follow=True)
        assert at(response) == page_of(run)
        run.refresh_from_db()
        assert (run.status, run.counts) == ("ready", {"new": 1})
        matching = {"machin": "nom", "activité": "categorie", "adresse": "adresse", "truc": ""}
        assert SourceMatching.objects.get(commune=commune).matching == matching

    def test_a_preview_may_be_prepared_again(self, agent, commune):
        run = make_import(commune, publish=False)
        form = agent.get(page_of(run, "colonnes/")).context["form"]
        data = {field.html_name: field.value() for _column, field in form.rows}
        assert form["publish"].value() == ""
        agent.post(page_of(run, "colonnes/"), data | {"publish": "1", "source": "commerces"})
        before, after = run, ShopImport.objects.get()
        assert (after.publish, after.status, after.source) == (True, "ready", before.source)
        assert after.lines.count() == 3

    @pytest.mark.parametrize("upto", ["apply", "undo"])
    def test_not_once_it_is_applied(self, agent, commune, upto):
        run = make_import(commune, upto=upto)
        response = agent.post(page_of(run, "colonnes/"), {"column-0": "nom"})
        assert response.headers["Location"] == page_of(run)
        assert ShopImport.objects.get().status == run.status


class TestProgress:
    """A run that somebody works on holds a lock on a file; see opendata/background.py."""

    @pytest.fixture
    def run(self, commune):
        run = make_import(commune)
        ShopImport.objects.filter(pk=run.pk).update(task=ImportTask.APPLY)
        return run

    @pytest.fixture
    def at_work(self, run):
        with hold(run.pk):
            yield

    def test_a_bar_that_a_script_renews_and_a_link_without_one(self, agent, run, at_work):
        cache.set(f"import-{run.pk}", (500, 2000))
        page = agent.get(page_of(run))
        html = page.content.decode()
        assert 'value="500" max="2000"' in html
        assert "25 %" in words(page)
        assert f'href="{page_of(run)}"' in html
        assert f'data-progress="{page_of(run, "avancement/")}"' in html
        fragment = agent.get(page_of(run, "avancement/"))
        assert 'value="500" max="2000"' in fragment.content.decode()
        assert "<html" not in fragment.content.decode()

    @pytest.mark.parametrize("word", ["colonnes/", "appliquer/", "annuler/"])
    def test_all_other_pages_lead_there(self, agent, run, at_work, word):
        for response in (agent.get(page_of(run, word)), agent.post(page_of(run, word))):
            assert response.headers["Location"] == page_of(run)
        assert not Shop.objects.exists()

    def test_nobody_begins_it_a_second_time(self, agent, run, at_work):
        response = agent.post(page_of(run, "recommencer/"), follow=True)
        assert "Cet import est déjà en cours de traitement." in words(response)
        assert not Shop.objects.exists()

    def test_interrupted_is_said_and_begins_again(self, agent, run):
        assert agent.get(page_of(run, "avancement/")).status_code == 204
        assert "Le travail a été interrompu" in words(agent.get(page_of(run)))
        response = agent.post(page_of(run, "recommencer/"), follow=True)
        assert "Appliqué le" in words(response)
        assert Shop.objects.published().count() == 2
