"""Whether letters left: agents see those about their communes, and no letters of accounts."""

import pytest
from post_office.models import STATUS, Email

from merchants.workflow import WorkflowError
from merchants.workflow.mail_queue import queue_mail, send_again
from merchants.workflow.members import invite
from merchants.workflow.roles import give_role
from merchants.workflow.status import suspend
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

MAILS = "/mairie/post_office/email/"


@pytest.fixture
def here():
    return make_commune("Suresnes")


@pytest.fixture
def letters(here):
    """One about a shop of Suresnes, one about a shop of Garches, one about an account."""
    for commune, email in ((here, "awa@example.fr"), (make_commune("Garches"), "paul@example.fr")):
        shop = make_shop(commune=commune)
        make_member(shop, email=email)
        suspend(shop, by=None, now=NOW)
    queue_mail("mail/account_deleted.txt", to="lea@example.fr", context={})
    Email.objects.update(status=STATUS.failed)
    return {mail.to[0].split("@")[0]: mail for mail in Email.objects.all()}


def clerk(commune, role="agent"):
    user = make_user()
    give_role(user, commune, role=role, by=None, now=NOW)
    return user


@pytest.mark.parametrize("role", ["agent", "referent"])
def test_agents_see_those_of_their_communes(login, here, letters, role):
    browser = login(clerk(here, role))
    for query in ({}, {"q": "example"}, {"etat": STATUS.failed}):
        page = browser.get(MAILS, query).content.decode()
        assert "awa@example.fr" in page
        assert "paul@example.fr" not in page and "lea@example.fr" not in page
    page = browser.get(f"{MAILS}{letters['awa'].pk}/change/").content.decode()
    assert "suspendu" in page and "essais" in page
    for other in ("paul", "lea"):
        page = browser.get(f"{MAILS}{letters[other].pk}/change/", follow=True)
        assert page.redirect_chain[0][0] == "/mairie/" and f"{other}@" not in page.text


def test_agents_have_those_of_their_communes_sent_again(login, here, letters):
    data = {"action": "send_again", "_selected_action": [mail.pk for mail in letters.values()]}
    login(clerk(here)).post(MAILS, data | {"select_across": "1"})
    states = dict(Email.objects.values_list("pk", "status"))
    assert {name: states[mail.pk] for name, mail in letters.items()} == {
        "awa": STATUS.queued,
        "paul": STATUS.failed,
        "lea": STATUS.failed,
    }


def test_the_workflow_too_keeps_to_the_communes_of_whoever_acts(here, letters):
    assert send_again(Email.objects.all(), by=clerk(here), now=NOW) == 1
    for somebody in (clerk(here), clerk(here, "helper"), make_user()):
        with pytest.raises(WorkflowError, match="n’attend un nouvel envoi"):
            send_again(Email.objects.all(), by=somebody, now=NOW)
    assert send_again(Email.objects.all(), by=make_user(is_superuser=True), now=NOW) == 2


def test_agents_read_no_link_of_others(login, here):
    shop = make_shop(commune=here)
    invite(shop, "zoe@example.fr", by=make_member(shop), now=NOW)
    page = login(clerk(here)).get(f"{MAILS}{Email.objects.get().pk}/change/").content.decode()
    assert "zoe@example.fr" in page and "son texte n’est pas montré" in page
    assert "/invitation/" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_queries(login, here, number, django_assert_num_queries):
    for _number in range(number):
        shop = make_shop(commune=here)
        make_member(shop)
        suspend(shop, by=None, now=NOW)
    browser = login(clerk(here))
    with django_assert_num_queries(10):
        assert browser.get(MAILS).content.decode().count('class="field-state"') == number
