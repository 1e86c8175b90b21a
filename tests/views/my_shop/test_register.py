"""Registering a shop, page by page, without a script: steps 2, 5 and 7, and the way through."""

from datetime import timedelta

import pytest
from django.urls import reverse
from post_office.models import Email

from merchants.models import Commune, HistoryEntry, Shop, ShopStatus
from merchants.views.my_shop.wizard import STEPS
from merchants.workflow import registration, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from merchants.workflow.values import Listing
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user
from tests.leaves import test_company_search as companies
from tests.views.my_shop.registering import START, step
from tests.views.my_shop.week import week_of

pytestmark = pytest.mark.django_db

SIRET = companies.SIRET


class TestTwins:
    @pytest.fixture
    def twin(self, commune):
        return make_shop(
            "Fournil (Le)", commune=commune, point=None, street="rue de la Paix",
            house_number="14", siret=SIRET,
        )  # fmt: skip

    def test_come_after_the_first_step(self, lea, twin, commune, text):
        answer = lea.post(START, {"commune": "92073", "name": "Le Fournil", "siret": SIRET})
        shop = Shop.objects.get(name="Le Fournil")
        assert answer.url == step(shop, "doublons")
        page = lea.get(answer.url)
        said, html = text(page), page.content.decode()
        assert "Votre commerce est peut-être déjà là" in said
        assert "14 rue de la Paix, Suresnes" in said
        assert "Boulangerie, même SIRET que le vôtre" in said
        assert f'href="{twin.get_absolute_url()}"' in html
        assert f'href="{twin.get_absolute_url()}c-est-mon-commerce/"' in html
        data = {"version": shop.version, "do": "next"}
        assert lea.post(answer.url, data).url == step(shop, "adresse")
        assert lea.post(answer.url, data | {"do": "later"}).url == "/mon-commerce/"

    @pytest.mark.parametrize(("state", "shown"), [
        ("published", True), ("pending", False), ("suspended", False),
    ])  # fmt: skip
    def test_a_page_is_shown_where_there_is_one(self, lea, begin, twin, text, state, shown):
        Shop.objects.update(status=state)
        page = lea.get(step(begin(siret=SIRET), "doublons"))
        said, html = text(page), page.content.decode()
        assert ("Fournil (Le)" in said) is shown
        assert ("Voir sa page" in said) is shown
        # Of what residents do not see, nothing but that it is there.
        assert ("14 rue de la Paix" in said) is shown
        assert ("c-est-mon-commerce" in html) is shown
        assert ("attend déjà la réponse de la mairie." in said) is (state == "pending")
        assert ("dont la fiche n’est pas en ligne." in said) is (state == "suspended")
        assert ("Si ce n’est ni vous ni un collègue, écrivez à" in said) is not shown

    def test_one_s_own_is_not_claimed(self, lea, begin, newcomer, twin, text):
        shop = begin()
        make_member(twin, newcomer)
        page = lea.get(step(shop, "doublons"))
        assert "Vous tenez déjà cette fiche." in text(page)
        assert "c-est-mon-commerce" not in page.content.decode()

    def test_the_address_brings_them_up_once(self, lea, begin, commune, settings, service, text):
        settings.GEOCODER_URL = service.url
        service.body = {"type": "FeatureCollection", "features": []}
        make_shop("Le Fournil", commune=commune, point=None, street="rue de la Paix")
        shop = begin(street="rue de la Gare")
        data = {
            "version": shop.version, "premises": "yes", "street": "rue de la Paix",
            "postcode": "92150", "city": "Suresnes", "do": "next",
        }  # fmt: skip
        answer = lea.post(step(shop, "adresse"), data)
        assert answer.url == step(shop, "doublons") + "?apres=adresse"
        answer = lea.post(answer.url, {"version": shop.version, "do": "next"})
        assert answer.url == step(shop, "activite")
        answer = lea.post(step(shop, "adresse"), data | {"version": Shop.objects.last().version})
        assert answer.url == step(shop, "activite")
        page = lea.get(step(shop, "envoi"))
        assert "Ce commerce est peut-être déjà sur le site." in text(page)
        assert lea.post(step(shop, "doublons") + "?apres=xyz", {"version": 0}).status_code == 302

    def test_there_are_none(self, lea, begin, text):
        shop = begin()
        page = lea.get(step(shop, "doublons"))
        assert "Aucune fiche du site ne ressemble à la vôtre." in text(page)
        # The way back from the next step goes past it too.
        html = lea.get(step(shop, "horaires")).content.decode()
        assert f'href="{step(shop, "adresse")}"' in html

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_number_of_queries(
        self, lea, begin, commune, number, django_assert_num_queries
    ):
        for _number in range(number):
            make_shop("Le Fournil", commune=commune)
        shop = begin()
        lea.get(step(shop, "doublons"))
        with django_assert_num_queries(12):
            page = lea.get(step(shop, "doublons"))
        assert len(page.context["twins"]) == number


class TestHours:
    def test_a_sentence_is_shown_before_it_is_taken(self, lea, draft, text):
        there = step(draft, "horaires")
        assert "vous n’apparaissez pas" in text(lea.get(there))
        sentence = "du mardi au samedi 9h-12h30 14h-19h"
        data = {"version": draft.version, "sentence": sentence, "do": "read"}
        page = lea.post(there, data)
        assert "Voici ce qui est compris" in text(page)
        assert not Shop.objects.get().schedule.weekly
        answer = lea.post(there, data | {"do": "next", "previewed": sentence})
        assert answer.url == step(draft, "photos")
        assert Shop.objects.get().schedule.to_osm() == ("Tu-Sa 09:00-12:30,14:00-19:00; PH unknown")

    def test_monday_on_the_other_days_past_midnight_and_by_appointment(self, lea, draft):
        there = step(draft, "horaires")
        data = week_of(lea.get(there)) | {
            "0-0-opens": "18:00", "0-0-closes": "02:00", "0-1-opens": "9:00", "0-1-closes": "12:00",
            "0-1-appointment": "on", "copy": "0",
        }  # fmt: skip
        page = lea.post(there, data)
        assert page.status_code == 200
        data = week_of(page) | {"holiday_rule": "closed", "do": "later"}
        assert lea.post(there, data).url == "/mon-commerce/"
        schedule = Shop.objects.get().schedule
        assert len(schedule.weekly) == 14
        assert {(p.opens, p.closes) for p in schedule.weekly if not p.by_appointment} == {
            (1080, 1560)
        }

    def test_mistakes_keep_what_was_typed(self, lea, draft, text):
        there = step(draft, "horaires")
        data = week_of(lea.get(there)) | {"0-0-opens": "9", "do": "next"}
        page = lea.post(there, data)
        assert "Lundi : l’heure de fermeture manque." in text(page)
        assert week_of(page)["0-0-opens"] == "9"

    def test_one_may_go_on_without(self, lea, draft):
        there = step(draft, "horaires")
        page = lea.get(there)
        assert f'href="{step(draft, "photos")}"' in page.content.decode()
        answer = lea.post(there, week_of(page) | {"do": "next"})
        assert answer.url == step(draft, "photos")


class TestSending:
    def test_shows_the_page_as_residents_will_see_it(self, lea, draft, newcomer, client, text):
        changes = {"description": "Du pain au levain", "phone": "0147510102", "email": "a@b.fr",
                   "email_is_public": False}  # fmt: skip
        edit_listing(draft, changes, by=newcomer, expected_version=None, now=NOW)
        page = lea.get(step(draft, "envoi"))
        said = text(page)
        for words in ("Du pain au levain", "12 rue de la Paix", "01 47 51 01 02",
                      "Votre page, telle que les habitants la verront"):  # fmt: skip
            assert words in said
        assert "a@b.fr" not in said
        assert page.content.decode().count("<h1") == 1
        # What is missing, and what that costs.
        assert "Sans horaires, vous n’apparaissez pas" in said
        assert f'href="{step(draft, "horaires")}"' in page.content.decode()
        assert "passe après les autres" not in said
        assert client.get(draft.get_absolute_url()).status_code == 404

    def test_needs_the_terms(self, lea, draft, text):
        page = lea.post(step(draft, "envoi"), {"version": draft.version})
        assert "Cochez la case pour accepter les conditions." in text(page)
        assert 'aria-describedby="id_terms_error"' in page.content.decode()
        assert Shop.objects.get().status == "draft"

    def test_a_double_click_sends_once(self, lea, draft, text):
        data = {"version": draft.version, "terms": "on"}
        answers = [lea.post(step(draft, "envoi"), data) for _click in range(2)]
        assert {answer.url for answer in answers} == {step(draft, "envoyee")}
        assert Shop.objects.get().status == "pending"
        assert Email.objects.count() == 1
        assert HistoryEntry.objects.filter(action="submit").count() == 1
        said = text(lea.get(step(draft, "envoyee")))
        assert "Le Fournil est en attente de validation." in said
        assert "La mairie de Suresnes relit la fiche." in said
        assert "en combien de temps" in said
        assert "En attente : la mairie relit votre fiche" in text(lea.get("/mon-commerce/"))

    def test_says_in_how_many_days_the_town_hall_answered(self, lea, draft, commune, text):
        for number in range(registration.DELAY_FROM):
            other, user = make_shop(status="draft", street="x", commune=commune), make_user()
            make_member(other, user)
            registration.send(other, by=user, now=NOW, terms="1")
            status.publish(other, by=None, now=NOW + timedelta(days=number))
        lea.post(step(draft, "envoi"), {"version": draft.version, "terms": "on"})
        assert "le plus souvent sous 2 jours." in text(lea.get(step(draft, "envoyee")))

    def test_what_is_missing_leads_to_its_step(self, lea, begin, text):
        shop = begin()
        page = lea.get(step(shop, "envoi"))
        said, html = text(page), page.content.decode()
        assert "Il manque encore l’indispensable" in said
        for slug in ("adresse", "activite"):
            assert f'<li><a href="{step(shop, slug)}">' in html
        page = lea.post(step(shop, "envoi"), {"version": shop.version, "terms": "on"})
        assert "Donnez d’abord l’adresse du commerce" in text(page)
        assert Shop.objects.get().status == "draft"

    def test_a_number_that_is_taken_leads_to_claiming_it(self, lea, draft, newcomer, text):
        make_shop("Le Vrai", siret=SIRET)
        edit_listing(draft, {"siret": SIRET}, by=newcomer, expected_version=None, now=NOW)
        page = lea.post(step(draft, "envoi"), {"version": draft.version, "terms": "on"})
        assert "La fiche « Le Vrai » porte déjà ce SIRET." in text(page)
        assert f'href="{step(draft, "doublons")}"' in page.content.decode()

    def test_what_was_written_since_is_read_first(self, lea, draft, newcomer, text):
        data = {"version": draft.version, "terms": "on"}
        edit_listing(draft, {"description": "Autre"}, by=newcomer, expected_version=None, now=NOW)
        page = lea.post(step(draft, "envoi"), data)
        assert "La fiche a été modifiée entre-temps. Relisez-la" in text(page)
        assert "Autre" in text(page)
        assert Shop.objects.get().status == "draft"
        data["version"] = page.context["version"]
        assert lea.post(step(draft, "envoi"), data).url == step(draft, "envoyee")

    def test_is_taken_back(self, lea, draft, text):
        lea.post(step(draft, "envoi"), {"version": draft.version, "terms": "on"})
        there = step(draft, "retirer")
        for page in (step(draft, "envoyee"), "/mon-commerce/"):
            assert f'action="{there}"' in lea.get(page).content.decode()
        for _click in range(2):
            assert lea.post(there, {"version": draft.version}).url == "/mon-commerce/"
        assert "de nouveau un brouillon" in text(lea.get("/mon-commerce/"))
        assert Shop.objects.get().status == "draft"
        assert HistoryEntry.objects.filter(action="withdraw").count() == 1
        assert lea.get(there).status_code == 405

    def test_a_refused_one_is_given_up(self, lea, draft):
        lea.post(step(draft, "envoi"), {"version": draft.version, "terms": "on"})
        status.refuse(draft, by=None, now=NOW, reason="Non.")
        there = step(draft, "abandonner")
        assert f'href="{there}"' in lea.get("/mon-commerce/").content.decode()
        assert lea.get(there).status_code == 200
        assert lea.post(there, {"version": 0}).url == "/mon-commerce/"
        assert not Shop.objects.exists()

    @pytest.mark.parametrize(
        ("answer", "word"), [(status.refuse, "Pourquoi"), (status.ask_change, "À corriger")]
    )
    def test_again_after_an_answer(self, lea, draft, text, answer, word):
        data = {"version": draft.version, "terms": "on"}
        lea.post(step(draft, "envoi"), data)
        answer(draft, by=None, now=NOW, reason="Le numéro est faux.")
        page = lea.get("/mon-commerce/")
        assert f"{word} : Le numéro est faux." in text(page)
        assert f'href="{step(draft, "commerce")}"' in page.content.decode()
        shop = Shop.objects.get()
        data = {"version": shop.version, "name": "Corrigé", "siret": "", "do": "next"}
        assert lea.post(step(shop, "commerce"), data).url == step(shop, "adresse")
        data = {"version": Shop.objects.get().version, "terms": "on"}
        assert lea.post(step(shop, "envoi"), data).url == step(shop, "envoyee")
        assert Shop.objects.get().status == "pending"


class TestTheWay:
    # A merged one has nobody who could: tests/views/test_merged.py.
    @pytest.mark.parametrize("state", [s for s in ShopStatus if s != ShopStatus.MERGED])
    @pytest.mark.parametrize("slug", STEPS)
    def test_every_step_in_every_state(self, lea, draft, text, slug, state):
        Shop.objects.update(status=state)
        before = Shop.objects.values().get()
        for method in ("get", "post"):
            data = {"version": draft.version} if method == "post" else {}
            answer = getattr(lea, method)(step(draft, slug), data)
            if state in {"draft", "refused", "to_correct"}:
                assert answer.status_code in ({200} if method == "get" else {200, 302})
                if answer.status_code == 200:
                    said = text(answer)
                    assert f"Étape {STEPS[slug].number} sur 7" in said
                    assert answer.content.decode().count('aria-current="step"') == 1
                before = Shop.objects.values().get()
                continue
            assert answer.status_code == 302
            if (slug, method, state) == ("envoi", "post", "pending"):
                assert answer.url == step(draft, "envoyee")
                continue
            assert answer.url == "/mon-commerce/"
            sentence = "La mairie a déjà reçu" if state == "pending" else "est terminée"
            assert sentence in text(lea.get("/mon-commerce/"))
            assert Shop.objects.values().get() == before

    # A merged one has nobody who could: tests/views/test_merged.py.
    @pytest.mark.parametrize("state", [s for s in ShopStatus if s != ShopStatus.MERGED])
    def test_the_page_that_says_it_waits(self, lea, draft, state):
        Shop.objects.update(status=state)
        answer = lea.get(step(draft, "envoyee"))
        if state == "pending":
            assert answer.status_code == 200
        else:
            assert answer.url == "/mon-commerce/"

    def test_a_draft_outlives_the_session(self, login, newcomer, lea, begin, text):
        """Logged out in the middle: what was saved is there on another device."""
        shop = begin()
        page = lea.get(step(shop, "commerce"))
        lea.logout()
        data = {"version": page.context["version"], "name": "Perdu", "siret": "", "do": "next"}
        answer = lea.post(step(shop, "commerce"), data)
        assert answer.url.startswith("/compte/connexion/?next=/mon-commerce/")
        other = login(newcomer)
        assert "Continuer l’inscription" in text(other.get("/mon-commerce/"))
        assert other.post(step(shop, "commerce"), data).url == step(shop, "adresse")
        assert Shop.objects.get().name == "Perdu"

    def test_the_back_button_loses_nothing(self, lea, begin, newcomer, text):
        """An old page sent again is merged with what was saved since; a clash is told."""
        shop = begin()
        there = step(shop, "commerce")
        old = {"version": shop.version, "siret": "", "do": "next"}
        lea.post(there, old | {"name": "Deuxième"})
        edit_listing(shop, {"description": "Du pain"}, by=newcomer, expected_version=None, now=NOW)
        # Back to the page as it first was, another value: both are shown, nothing is lost.
        page = lea.post(there, old | {"name": "Troisième"})
        assert "La fiche a été modifiée pendant que vous écriviez" in text(page)
        assert 'value="Troisième"' in page.content.decode()
        data = old | {"name": "Troisième", "agreed": page.context["agreed"]}
        assert lea.post(there, data).status_code == 302
        shop = Shop.objects.get()
        assert (shop.name, shop.description) == ("Troisième", "Du pain")
        # The old page unchanged takes nothing back.
        lea.post(there, old | {"name": "Le Fournil"})
        assert Shop.objects.get().name == "Troisième"

    def test_steps_link_to_each_other(self, lea, draft):
        html = lea.get(step(draft, "horaires")).content.decode()
        for slug in STEPS:
            assert (f'href="{step(draft, slug)}"' in html) is (slug != "horaires")

    def test_stands_in_english_too(self, lea, draft):
        for slug in ("commerce", "doublons", "horaires", "envoi", "abandonner"):
            assert lea.get(f"/en{step(draft, slug)}").status_code == 200
        assert lea.get(f"/en{START}").status_code == 200


class TestTheDashboard:
    def test_goes_on_where_something_is_missing(self, lea, begin, newcomer):
        shop = begin()

        def resume() -> str:
            return lea.get("/mon-commerce/").context["cards"][0].resume

        assert resume() == step(shop, "adresse")
        for changes, slug in (
            ({"service_area": "Suresnes"}, "activite"),
            ({"service_area": "", "street": "rue sans point"}, "activite"),
            ({"main_category": make_category(), "description": "Du pain"}, "horaires"),
        ):
            edit_listing(shop, changes, by=newcomer, expected_version=None, now=NOW)
            assert resume() == step(shop, slug)
        data = week_of(lea.get(step(shop, "horaires")))
        data |= {"0-0-opens": "09:00", "0-0-closes": "12:00", "do": "next"}
        lea.post(step(shop, "horaires"), data)
        assert resume() == step(shop, "photos")

    def test_says_how_long_a_draft_is_kept(self, lea, begin, text):
        begin()
        Shop.objects.update(updated_at=NOW)
        assert "Sans modification d’ici au 21 février 2027, le brouillon sera effacé." in text(
            lea.get("/mon-commerce/")
        )

    def test_a_draft_is_given_up_after_asking(self, lea, begin, text):
        shop = begin()
        there = step(shop, "abandonner")
        assert f'href="{there}"' in lea.get("/mon-commerce/").content.decode()
        assert "Le brouillon de « Le Fournil » sera effacé" in text(lea.get(there))
        assert lea.post(there, {"version": shop.version}).url == "/mon-commerce/"
        assert not Shop.objects.exists()
        assert "L’inscription est abandonnée" in text(lea.get("/mon-commerce/"))

    def test_not_by_a_colleague(self, login, begin, text):
        shop = begin()
        colleague = login(make_member(shop, role="colleague"))
        assert "Abandonner" not in text(colleague.get("/mon-commerce/"))
        page = colleague.post(step(shop, "abandonner"), {"version": shop.version})
        assert "ne permet pas" in text(page)
        assert Shop.objects.exists()

    def test_not_once_it_was_sent(self, lea, draft):
        Shop.objects.update(status="pending")
        assert lea.get(step(draft, "abandonner")).url == "/mon-commerce/"
        lea.post(step(draft, "abandonner"), {"version": draft.version})
        assert Shop.objects.exists()


class TestForAMerchant:
    """A helper goes the same way, and comes back to the listing, not to shops of his own."""

    @pytest.fixture
    def helper(self, commune):
        helper = make_user()
        give_role(helper, commune, role="helper", by=None, now=NOW)
        return helper

    @pytest.fixture
    def theirs(self, commune, helper):
        listing = Listing(
            commune=commune,
            name="Le Fournil",
            main_category=make_category(),
            street="rue de la Paix",
        )
        return registration.begin(listing, by=helper, now=NOW, on_behalf=True)

    def test_from_the_first_step_to_the_last(self, login, helper, theirs, text):
        browser = login(helper)
        for slug in STEPS:
            assert browser.get(step(theirs, slug)).status_code == 200
        back = reverse("helping_shop", args=[theirs.pk])
        data = {"version": theirs.version, "name": "L’Épi", "siret": "", "do": "later"}
        assert browser.post(step(theirs, "commerce"), data).url == back
        page = browser.get(step(theirs, "envoi"))
        assert "a lu les conditions de publication et les accepte" in text(page)
        data = {"version": page.context["version"], "terms": "on"}
        assert browser.post(step(theirs, "envoi"), data).url == step(theirs, "envoyee")
        page = browser.get(step(theirs, "envoyee"))
        assert f'href="{back}"' in page.content.decode()
        assert "Vous recevez un courriel" not in text(page)
        shop = Shop.objects.get()
        assert (shop.status, shop.on_behalf, shop.name) == ("pending", True, "L’Épi")
        assert browser.get(step(theirs, "horaires")).url == back
        assert not Email.objects.exists()

    def test_a_twin_is_helped_with_not_claimed(self, login, helper, theirs, commune):
        fields = {"commune": commune, "street": "rue de la Paix", "point": None}
        free, kept = make_shop("Le Fournil", **fields), make_shop("Le Fournil", **fields)
        make_member(kept)
        html = login(helper).get(step(theirs, "doublons")).content.decode()
        assert "c-est-mon-commerce" not in html
        assert f'href="{reverse("helping_shop", args=[free.pk])}"' in html
        assert f'href="{reverse("helping_shop", args=[kept.pk])}"' not in html

    def test_gives_it_up(self, login, helper, theirs):
        browser = login(helper)
        assert browser.get(step(theirs, "abandonner")).status_code == 200
        answer = browser.post(step(theirs, "abandonner"), {"version": theirs.version})
        assert answer.url == "/mon-commerce/aider/92073/"
        assert not Shop.objects.exists()


def test_the_terms_say_who_publishes(client, text):
    commune = make_commune("Suresnes")
    Commune.objects.update(town_hall_name="Ville de Suresnes", town_hall_email="m@suresnes.fr")
    make_commune("Sans rien")
    page = client.get("/conditions/")
    said = text(page)
    for words in ("Ville de Suresnes", "m@suresnes.fr", "Refus, suspension, et votre recours",
                  "Version du 23 novembre 2026."):  # fmt: skip
        assert words in said
    assert "Sans rien" not in said
    assert 'href="/classement/"' in page.content.decode()
    assert not page.cookies
    assert commune.name in said
