"""« C’est mon commerce »: claims, disputes, and what the town hall decides."""

import os
from datetime import timedelta
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from post_office.models import Email

from merchants.models import AccessCode, Claim, HistoryEntry, Shop
from merchants.workflow import WorkflowError, claims
from tests.claiming import (
    JPEG,
    PDF,
    PNG,
    make_claim,
    make_code,
    make_person,
    private_files_in,
)
from tests.factories import make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

EVERYBODY = ["site", "admin", "agent", "referent", "helper", "agent elsewhere", "owner",
             "colleague", "stranger"]  # fmt: skip


@pytest.fixture
def shop():
    return make_shop(
        "Le Fournil",
        commune=make_commune(town_hall_email="mairie@example.fr", town_hall_phone="01 40 00 00 00"),
        street="rue de la Paix",
        house_number="12",
        phone="+33147510142",
        email="contact@fournil.fr",
        website="https://www.fournil.fr/",
    )


@pytest.fixture
def files(tmp_path, monkeypatch):
    return private_files_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """What waits for the commit happens."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def stored(folder) -> list:
    return [path for path in folder.rglob("*") if path.is_file()]


def letters() -> list[tuple[str, str]]:
    """(to whom, subject) of each letter, in the order in which they were written."""
    return [(mail.to[0], mail.subject) for mail in Email.objects.order_by("pk")]


def roles(shop) -> dict:
    return {member.user: member.role for member in shop.members.select_related("user")}


def actions(shop) -> list[str]:
    return list(shop.history.order_by("version").values_list("action", flat=True))


def test_documents_are_the_sites_alone(shop, files):
    """Other accounts of the machine read neither the file nor the list of files."""
    made = make_claim(shop, proof="document")
    file = files / made.document.name
    assert file.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in file.parents[:2]] == [0o700, 0o700]


class TestMaking:
    def test_a_claim_waits_and_gives_nothing(self, shop, now):
        claimant = make_user()
        made = make_claim(shop, claimant, message=" Bonjour ", channel="phone")
        assert (made.shop, made.user, made.status, made.at) == (shop, claimant, "waiting", now)
        assert (made.proof, made.channel, made.message) == ("code", "phone", "Bonjour")
        assert roles(shop) == {}
        assert letters() == []
        entry = HistoryEntry.objects.first()
        # The people of a shop read its history: no claimant stands in it.
        assert (entry.action, entry.by, entry.capacity) == ("claim", None, "system")

    def test_a_second_click_changes_nothing(self, shop, files):
        claimant = make_user()
        first = make_claim(shop, claimant)
        before = actions(shop)
        again = make_claim(shop, claimant, proof="document", message="Autre")
        assert again == first and again.message == ""
        assert actions(shop) == before
        assert stored(files) == []

    @pytest.mark.parametrize("status", ["draft", "pending", "refused", "suspended", "closed"])
    def test_only_what_residents_see(self, shop, status):
        Shop.objects.update(status=status)
        with pytest.raises(WorkflowError, match="n’est pas en ligne"):
            make_claim(shop)

    @pytest.mark.parametrize("role", ["owner", "colleague"])
    def test_who_keeps_it_has_it(self, shop, role):
        with pytest.raises(WorkflowError, match="Vous vous occupez déjà"):
            make_claim(shop, make_member(shop, role=role))

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"channel": ""}, "Dites comment"),
            ({"channel": "email"}, "Dites comment"),
            ({"channel": "pigeon"}, "Dites comment"),
            ({"proof": "email"}, "Aucune de vos adresses"),
            ({"proof": "document", "document": None}, "Joignez un document"),
            ({"proof": "document", "document": BytesIO(b"<html>")}, "PDF, un JPEG"),
            ({"message": "x" * 1001}, "trop long"),
        ],
    )
    def test_a_proof_is_needed(self, shop, files, values, said):
        with pytest.raises(WorkflowError, match=said):
            make_claim(shop, **values)
        assert not Claim.objects.exists()
        assert stored(files) == []

    @pytest.mark.parametrize("channel", ["phone", "post"])
    def test_a_code_goes_where_the_listing_says(self, channel):
        bare = make_shop("Nu")
        with pytest.raises(WorkflowError, match="La fiche ne donne pas"):
            make_claim(bare, channel=channel)
        make_claim(bare, channel="in_person")

    def test_no_more_than_five_wait(self, shop):
        claimant = make_user()
        for _number in range(5):
            make_claim(make_shop(), claimant)
        with pytest.raises(WorkflowError, match="Cinq de vos demandes"):
            make_claim(shop, claimant)
        make_claim(shop)  # Others do.

    def test_no_more_than_ten_a_day(self, shop, now):
        claimant = make_user()
        for _number in range(10):
            claims.withdraw(make_claim(shop, claimant), by=claimant, now=now)
        with pytest.raises(WorkflowError, match="Dix demandes par jour"):
            make_claim(shop, claimant, now=now + timedelta(hours=23))
        make_claim(shop, claimant, now=now + timedelta(days=1))


class TestOwnAddress:
    def test_of_the_shops_domain(self, shop):
        claimant = make_user("awa@fournil.fr")
        assert claims.own_address(shop, claimant) == "awa@fournil.fr"
        assert make_claim(shop, claimant, proof="email").proof == "email"

    def test_only_where_it_is_verified(self, shop):
        claimant = make_user("awa@fournil.fr", verified=False)
        assert claims.own_address(shop, claimant) == ""
        with pytest.raises(WorkflowError, match="Aucune de vos adresses"):
            make_claim(shop, claimant, proof="email")

    def test_any_of_those_that_are(self, shop):
        claimant = make_user("awa@gmail.com")
        EmailAddress.objects.create(user=claimant, email="awa@fournil.fr", verified=True)
        assert claims.own_address(shop, claimant) == "awa@fournil.fr"


class TestDocument:
    @pytest.mark.parametrize(("data", "extension"), [(PDF, "pdf"), (JPEG, "jpg"), (PNG, "png")])
    def test_is_kept_apart_under_another_name(self, shop, files, data, extension):
        document = BytesIO(data)
        document.name = "../../Kbis Awa Diallo.exe"
        made = make_claim(shop, proof="document", document=document)
        (path,) = stored(files)
        assert path.read_bytes() == data
        assert path.suffix == f".{extension}" and "Awa" not in path.name
        assert path == files / made.document.name

    @pytest.mark.parametrize("end", ["accept", "refuse", "withdraw"])
    def test_goes_with_the_decision(self, shop, files, commit, now, end):
        made = make_claim(shop, proof="document")
        arguments = {
            "accept": {"by": None},
            "refuse": {"by": None, "reason": "Illisible."},
            "withdraw": {"by": made.user},
        }[end]
        with commit():
            getattr(claims, end)(made, now=now, **arguments)
            assert len(stored(files)) == 1  # Not before the commit.
        assert stored(files) == []
        assert Claim.objects.get().document == ""

    def test_what_was_left_behind_is_swept(self, shop, files, now):
        assert claims.purge_documents(now=now) == 0  # There is no folder yet.
        kept = make_claim(shop, proof="document")
        for name, age in (("orphan.pdf", 25), ("fresh.pdf", 1)):
            path = files / "claims" / "2026" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PDF)
            at = (now - timedelta(hours=age)).timestamp()
            os.utime(path, (at, at))
        old = (now - timedelta(days=90)).timestamp()
        os.utime(files / kept.document.name, (old, old))
        assert claims.purge_documents(now=now) == 1
        assert {path.name for path in stored(files)} == {
            "fresh.pdf",
            (files / kept.document.name).name,
        }


class TestDispute:
    def test_the_owners_are_asked_and_learn_no_address(self, shop):
        owners = [make_member(shop), make_member(shop)]
        make_member(shop, role="colleague")
        claimant = make_user("secrete@example.fr", name="Paul Martin")
        make_claim(shop, claimant)
        assert [to for to, _subject in letters()] == [owner.email for owner in owners]
        letter = Email.objects.first()
        assert letter.subject == "Quelqu’un demande la fiche «\xa0Le Fournil\xa0»"
        assert "Paul Martin" in letter.message
        assert f"/mon-commerce/{shop.pk}/demandes/" in letter.message
        assert "secrete@example.fr" not in letter.message + letter.html_message
        assert Claim.objects.with_dispute().get().is_dispute

    def test_nobody_has_them_written_to_again_and_again(self, shop, now):
        make_member(shop)
        claimant = make_user()
        for _number in range(3):
            claims.withdraw(make_claim(shop, claimant), by=claimant, now=now)
        assert len(letters()) == 1
        make_claim(shop)
        make_claim(shop, claimant, now=now + timedelta(days=1))
        assert len(letters()) == 3

    def test_who_has_no_name_stays_without(self, shop):
        make_member(shop)
        make_claim(shop, make_user("secrete@example.fr"))
        letter = Email.objects.get()
        assert "une personne qui n’a pas donné son nom" in letter.message
        assert "secrete" not in letter.message

    def test_an_owner_answers_and_changes_his_mind(self, shop, now):
        owner = make_member(shop)
        made = make_claim(shop)
        claims.answer(made, " C’est mon associé. ", by=owner, now=now)
        assert (made.answer, made.answered_at) == ("C’est mon associé.", now)
        later = now + timedelta(hours=1)
        claims.answer(made, "C’est mon associé.", by=owner, now=later)
        assert made.answered_at == now
        claims.answer(made, "Non.", by=owner, now=later)
        assert (made.answer, made.answered_at) == ("Non.", later)
        claims.refuse(made, reason="Non.", by=None, now=later)
        with pytest.raises(WorkflowError, match="n’attend plus"):
            claims.answer(made, "Si.", by=owner, now=later)

    @pytest.mark.parametrize("who", [*sorted(set(EVERYBODY) - {"owner", "site"}), "claimant"])
    def test_nobody_else_answers(self, shop, now, who):
        make_member(shop)
        made = make_claim(shop)
        person = made.user if who == "claimant" else make_person(who, shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            claims.answer(made, "Oui.", by=person, now=now)
        assert Claim.objects.get().answer == ""

    @pytest.mark.parametrize(("text", "said"), [(" ", "Écrivez"), ("x" * 1001, "trop longue")])
    def test_an_answer_is_a_text(self, shop, now, text, said):
        owner = make_member(shop)
        with pytest.raises(WorkflowError, match=said):
            claims.answer(make_claim(shop), text, by=owner, now=now)


class TestWithdrawing:
    def test_by_the_claimant(self, shop, now):
        made = make_claim(shop)
        make_code(shop, claim=made)
        for _click in range(2):
            claims.withdraw(made, by=made.user, now=now)
        assert (made.status, made.decided_at, made.decided_by) == ("withdrawn", now, made.user)
        assert not AccessCode.objects.exists()
        assert actions(shop) == ["create", "claim", "code", "claim_withdrawn"]
        again = make_claim(shop, made.user)
        assert again != made and again.is_waiting

    @pytest.mark.parametrize("who", sorted(set(EVERYBODY) - {"site"}))
    def test_by_nobody_else(self, shop, now, who):
        made = make_claim(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            claims.withdraw(made, by=make_person(who, shop), now=now)
        assert Claim.objects.get().is_waiting

    def test_not_once_it_is_decided(self, shop, now):
        made = make_claim(shop)
        claims.accept(made, by=None, now=now)
        with pytest.raises(WorkflowError, match="n’attend plus"):
            claims.withdraw(made, by=made.user, now=now)
