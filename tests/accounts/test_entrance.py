"""Signing up, logging in, and a forgotten password."""

from datetime import timedelta
from typing import ClassVar

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.utils import timezone
from post_office.models import Email

from merchants.models import User
from tests.accounts.conftest import PASSWORD, link
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SIGN_UP = "/compte/inscription/"
LOG_IN = "/compte/connexion/"
FORGOTTEN = "/compte/mot-de-passe/oublie/"


ELSEWHERE = [
    "https://ailleurs.example/",
    "//ailleurs.example/",
    "/\\ailleurs.example/",
    "javascript:alert(1)",
]


class CountingHasher(MD5PasswordHasher):
    hashes: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.hashes.append(password)
        return super().encode(password, salt)


def test_from_sign_up_to_login(client, letters):
    response = client.post(SIGN_UP, {"email": "Paul@Example.fr", "password1": PASSWORD})
    assert response.headers["Location"] == "/compte/adresse/a-verifier/"
    assert "Nous venons de vous écrire" in client.get(response.headers["Location"]).content.decode()
    assert client.get("/compte/").status_code == 302

    [letter] = letters()
    assert letter.to == ["paul@example.fr"]
    assert letter.from_email == '"Commerce local" <contact@example.fr>'
    assert letter.subject == "Vérifiez votre adresse – Commerce local"
    [(html, kind)] = letter.alternatives
    assert kind == "text/html"
    assert f'href="http://testserver{link(letter)}"' in html

    # Another device; mail scanners open links, and verify nothing.
    assert "paul@example.fr" in client.get(link(letter)).content.decode()
    assert not EmailAddress.objects.get().verified
    response = client.post(link(letter))
    assert EmailAddress.objects.get().verified
    # The browser that signed up is logged in.
    assert response.headers["Location"] == "/compte/"
    assert client.get("/compte/").status_code == 200


def test_whoever_verifies_elsewhere_logs_in(client, letters, enter):
    client.post(SIGN_UP, {"email": "paul@example.fr", "password1": PASSWORD})
    [letter] = letters()
    other = type(client)()
    assert other.post(link(letter)).headers["Location"] == LOG_IN
    assert enter(User.objects.get()).get("/compte/").status_code == 200


def test_without_verification_there_is_no_login_but_a_new_letter(client, letters):
    user = make_user(password=PASSWORD, verified=False)
    response = client.post(LOG_IN, {"login": user.email, "password": PASSWORD})
    assert response.headers["Location"] == "/compte/adresse/a-verifier/"
    assert client.get("/compte/").status_code == 302
    assert [letter.to for letter in letters()] == [[user.email]]


@pytest.mark.parametrize("password", ["court", "123456789012", "motdepasse", "marie@example.fr"])
def test_a_weak_password_is_refused_with_a_reason(client, password):
    response = client.post(SIGN_UP, {"email": "marie@example.fr", "password1": password})
    assert response.status_code == 200
    assert response.context["form"].errors["password1"]
    assert not User.objects.exists()


def test_login_leads_where_one_wanted_to_go_and_nowhere_else(client, merchant):
    data = {"login": "MARIE@example.fr", "password": PASSWORD}
    assert (
        client.get("/compte/connexions/").headers["Location"]
        == f"{LOG_IN}?next=/compte/connexions/"
    )
    response = client.post(LOG_IN, data | {"next": "/compte/connexions/"})
    assert response.headers["Location"] == "/compte/connexions/"
    for elsewhere in ELSEWHERE:
        # Logged in already, or out and in again.
        response = client.get(LOG_IN, {"next": elsewhere})
        assert response.headers["Location"] == "/compte/", elsewhere
        response = client.post("/compte/deconnexion/", {"next": elsewhere})
        assert response.headers["Location"] == "/", elsewhere
        response = client.post(LOG_IN, data | {"next": elsewhere})
        assert response.headers["Location"] == "/compte/", elsewhere


def test_the_door_of_the_town_hall_leads_nowhere_else(login):
    agent = login(make_user(is_staff=True, is_superuser=True))
    for elsewhere in ELSEWHERE:
        response = agent.get("/mairie/login/", {"next": elsewhere})
        assert response.headers["Location"] == "/mairie/", elsewhere
    response = type(agent)().get("/mairie/login/", {"next": "https://ailleurs.example/"})
    assert response.headers["Location"] == f"{LOG_IN}?next=/mairie/"


def test_a_session_that_somebody_planted_is_not_the_one_of_the_person(client, merchant):
    client.post("/compte/mot-de-passe/oublie/", {"email": "marie@example.fr"})
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    client.post(LOG_IN, {"login": "marie@example.fr", "password": PASSWORD})
    assert client.get("/compte/").status_code == 200
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


# Nobody learns who has an account ------------------------------------------------------------


def seen(response) -> tuple:
    """What a stranger sees: all but the address and the form's token."""
    content = response.content.decode()
    for address in ("marie@example.fr", "inconnu@example.fr"):
        content = content.replace(address, "X")
    if token := response.context and response.context.get("csrf_token"):
        content = content.replace(str(token), "T")
    names = set(response.headers) - {"Content-Length"}
    return response.status_code, response.headers.get("Location"), names, content


@pytest.mark.parametrize(
    ("path", "data", "then"),
    [
        (SIGN_UP, {"email": "{}", "password1": PASSWORD}, "/compte/adresse/a-verifier/"),
        (FORGOTTEN, {"email": "{}"}, "/compte/mot-de-passe/oublie/envoye/"),
    ],
)
def test_known_and_unknown_addresses_get_the_same_answer(
    path, data, then, merchant, client, letters
):
    answers, recipients = [], []
    for address in ("marie@example.fr", "inconnu@example.fr"):
        browser = type(client)()
        response = browser.post(path, {name: text.format(address) for name, text in data.items()})
        answers.append([seen(response), seen(browser.get(then)), len(browser.cookies)])
        recipients += [letter.to for letter in letters()]
    assert answers[0] == answers[1]
    assert recipients == [["marie@example.fr"], ["inconnu@example.fr"]]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, merchant):
    answers = [
        seen(client.post(LOG_IN, {"login": address, "password": "autre-chose-2026"}))
        for address in ("marie@example.fr", "inconnu@example.fr")
    ]
    assert answers[0] == answers[1]
    assert "L’adresse ou le mot de passe ne convient pas." in answers[0][3]


def test_a_known_address_costs_as_many_password_hashes_as_a_new_one(client, merchant, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    hashes, counts = CountingHasher.hashes, []
    for address in ("marie@example.fr", "inconnu@example.fr"):
        hashes.clear()
        client.post(SIGN_UP, {"email": address, "password1": PASSWORD})
        counts.append(len(hashes))
    assert counts == [1, 1]


def test_whoever_signs_up_again_is_told_by_letter_only(client, merchant, letters):
    client.post(SIGN_UP, {"email": "marie@example.fr", "password1": "un-autre-mot-2026"})
    [letter] = letters()
    assert letter.subject == "Vous avez déjà un compte – Commerce local"
    assert link(letter) == FORGOTTEN
    assert User.objects.get().check_password(PASSWORD)


# A forgotten password ------------------------------------------------------------------------


def test_a_new_password_by_letter(client, merchant, enter, letters):
    thief = enter(merchant)
    client.post(FORGOTTEN, {"email": "marie@example.fr"})
    [letter] = letters()
    page = link(letter)
    # Opening writes nothing: the client of the tests sees to that.
    assert 'name="password1"' in client.get(page).content.decode()
    response = client.post(page, {"password1": "une-autre-2026!", "password2": "une-autre-2026!"})
    assert response.headers["Location"] == "/compte/mot-de-passe/nouveau/fait/"
    merchant.refresh_from_db()
    assert merchant.check_password("une-autre-2026!")
    # Whoever was in is out, and the person is told.
    assert thief.get("/compte/").status_code == 302
    assert [told.subject for told in letters()] == ["Votre compte a changé – Commerce local"]
    # The link has served.
    assert "a déjà servi" in client.get(page).content.decode()


def test_opening_a_link_logs_nobody_out(merchant, enter, client, letters):
    """Another person's link, opened on a shared computer: only choosing the password counts."""
    make_user("paul@example.fr")
    client.post(FORGOTTEN, {"email": "paul@example.fr"})
    [letter] = letters()
    device = enter(merchant)
    assert 'name="password1"' in device.get(link(letter)).content.decode()
    assert device.get("/compte/").status_code == 200
    new = "une-autre-2026!"
    device.post(link(letter), {"password1": new, "password2": new})
    assert device.get("/compte/").status_code == 302
    assert User.objects.get(email="paul@example.fr").check_password(new)
    merchant.refresh_from_db()
    assert merchant.check_password(PASSWORD)


def test_links_that_are_guessed_are_limited(client):
    guess = "/compte/mot-de-passe/nouveau/1-abc-def/"
    answers = [client.post(guess).status_code for _attempt in range(21)]
    assert answers == [200] * 20 + [429]


def test_a_link_expires(client, merchant, letters, settings):
    client.post(FORGOTTEN, {"email": "marie@example.fr"})
    [letter] = letters()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "a expiré" in client.get(link(letter)).content.decode()
    assert "a expiré" in client.get("/compte/mot-de-passe/nouveau/zz-rien/").content.decode()
    assert "a expiré" in client.get("/compte/adresse/verifier/rien/").content.decode()


# Limits --------------------------------------------------------------------------------------


def test_attempts_at_one_account_are_limited(client, merchant):
    wrong = {"login": "marie@example.fr", "password": "autre-chose-2026"}
    for _attempt in range(5):
        client.post(LOG_IN, wrong)
    response = client.post(LOG_IN, wrong | {"password": PASSWORD})
    assert response.status_code == 200
    assert "Trop d’essais sans succès." in response.content.decode()
    assert not Session.objects.exists()


def test_letters_to_one_address_are_limited(client, merchant):
    answers = [client.post(FORGOTTEN, {"email": "marie@example.fr"}) for _attempt in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Trop de demandes" in answers[-1].content.decode()
    assert Email.objects.count() == 5


def test_sign_ups_from_one_place_are_limited(client):
    answers = [
        client.post(SIGN_UP, {"email": f"p{number}@example.fr", "password1": "court"})
        for number in range(21)
    ]
    assert answers[19].status_code == 200
    assert answers[20].status_code == 429


def test_a_proxy_that_does_not_say_who_asks_stops_nobody(client, merchant):
    response = client.post(
        LOG_IN, {"login": "marie@example.fr", "password": PASSWORD}, REMOTE_ADDR=""
    )
    assert response.status_code == 302


def test_the_proxy_says_who_asks(client, merchant, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.post(
        LOG_IN,
        {"login": "marie@example.fr", "password": PASSWORD},
        headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"},
        REMOTE_ADDR="",
    )
    assert merchant.usersession_set.get().ip == "203.0.113.9"


def test_a_disabled_account_does_not_enter(client, merchant):
    User.objects.update(is_active=False)
    response = client.post(LOG_IN, {"login": "marie@example.fr", "password": PASSWORD})
    assert client.get("/compte/").status_code == 302
    assert response.status_code in {200, 302}


def test_an_account_made_by_the_town_hall_verifies_its_address_at_the_first_login(client, letters):
    User.objects.create_user("agent@example.fr", PASSWORD, is_staff=True)
    client.post(LOG_IN, {"login": "agent@example.fr", "password": PASSWORD})
    [letter] = letters()
    assert client.post(link(letter)).headers["Location"] == "/compte/"
    assert client.get("/mairie/").status_code == 200


def test_english_people_get_english_addresses(client, letters):
    client.post("/en/compte/inscription/", {"email": "ann@example.fr", "password1": PASSWORD})
    [letter] = letters()
    assert link(letter).startswith("/en/compte/adresse/verifier/")
    assert User.objects.get().date_joined > timezone.now() - timedelta(minutes=1)
