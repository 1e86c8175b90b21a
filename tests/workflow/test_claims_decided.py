"""What the town hall decides on claims, and who is told."""

import pytest
from post_office.models import Email

from merchants.models import AccessCode, Claim, Commune, HistoryEntry, Invitation, Shop, ShopMember
from merchants.workflow import WorkflowError, claims, members
from tests.claiming import make_claim, make_code, make_person
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


def letters() -> list[tuple[str, str]]:
    """(to whom, subject) of each letter, in the order in which they were written."""
    return [(mail.to[0], mail.subject) for mail in Email.objects.order_by("pk")]


def roles(shop) -> dict:
    return {member.user: member.role for member in shop.members.select_related("user")}


def actions(shop) -> list[str]:
    return list(shop.history.order_by("version").values_list("action", flat=True))


class TestAccepting:
    def test_entrusts_the_listing(self, shop, now):
        agent = make_person("agent", shop)
        Shop.objects.update(on_behalf=True)
        made = make_claim(shop)
        make_code(shop, claim=made)
        version = Commune.objects.get(pk=shop.commune_id).version
        claims.accept(made, by=agent, now=now)
        assert roles(shop) == {made.user: "owner"}
        made.refresh_from_db()
        assert (made.status, made.decided_by, made.decided_at) == ("accepted", agent, now)
        assert not AccessCode.objects.exists()
        assert actions(shop)[-2:] == ["join", "claim_accepted"]
        entry = HistoryEntry.objects.first()
        assert (entry.by, entry.capacity) == (agent, "town_hall")
        stored_shop = Shop.objects.get()
        assert stored_shop.on_behalf is False
        assert Commune.objects.get(pk=shop.commune_id).version > version
        assert letters() == [(made.user.email, "La fiche «\xa0Le Fournil\xa0» est à vous")]

    @pytest.mark.parametrize("who", EVERYBODY)
    def test_is_the_town_halls_alone(self, shop, now, who):
        made = make_claim(shop)
        person = make_person(who, shop)
        allowed = who in {"site", "admin", "agent", "referent"}
        for act in (
            lambda: claims.accept(made, by=person, now=now),
            lambda: claims.refuse(made, reason="Non.", by=person, now=now),
        ):
            if allowed:
                act()
                Claim.objects.update(status="waiting", decided_at=None, decided_by=None, reason="")
            else:
                with pytest.raises(WorkflowError, match="ne permet pas"):
                    act()
                assert Claim.objects.get().is_waiting
        assert shop.members.filter(user=made.user).exists() is allowed

    def test_not_by_the_claimant(self, shop, now):
        made = make_claim(shop)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            claims.accept(made, by=made.user, now=now)

    @pytest.mark.parametrize("who", ["agent", "referent", "admin"])
    @pytest.mark.parametrize("kept", [False, True])
    def test_not_by_the_claimant_even_of_the_town_hall(self, shop, now, who, kept):
        if kept:
            make_member(shop)
        person = make_person(who, shop)
        made = make_claim(shop, person)
        for act in (
            lambda: claims.accept(made, by=person, now=now),
            lambda: claims.accept(made, by=person, now=now, replace_owners=True),
            lambda: claims.refuse(made, reason="Non.", by=person, now=now),
        ):
            with pytest.raises(WorkflowError, match="un autre agent décide"):
                act()
        assert Claim.objects.get().is_waiting
        assert not shop.members.filter(user=person).exists()
        claims.accept(made, by=make_person("agent", shop), now=now)

    def test_of_two_agents_the_second_is_told(self, shop, now):
        made = make_claim(shop)
        stale = Claim.objects.get()
        claims.accept(made, by=make_person("agent", shop), now=now)
        for act in (
            lambda: claims.accept(stale, by=make_person("agent", shop), now=now),
            lambda: claims.refuse(stale, reason="Non.", by=make_person("agent", shop), now=now),
        ):
            with pytest.raises(WorkflowError, match=r"n’attend plus.*acceptée"):
                act()
        assert len(letters()) == 1

    def test_not_of_a_shop_that_closed(self, shop, now):
        made = make_claim(shop)
        Shop.objects.update(status="closed")
        with pytest.raises(WorkflowError, match="a fermé"):
            claims.accept(made, by=None, now=now)

    def test_of_a_colleague_who_claimed_before(self, shop, now):
        made = make_claim(shop)
        make_member(shop)
        make_member(shop, made.user, role="colleague")
        claims.accept(made, by=None, now=now)
        assert roles(shop)[made.user] == "owner"


class TestDeciding:
    @pytest.fixture
    def owner(self, shop):
        return make_member(shop, name="Awa")

    @pytest.fixture
    def made(self, shop, owner):
        colleague = make_member(shop, role="colleague")
        members.invite(shop, "ami@example.fr", by=owner, now=shop.created_at)
        made = make_claim(shop, make_user(name="Paul"))
        Email.objects.all().delete()
        made.colleague = colleague
        return made

    def test_together(self, shop, owner, made, now):
        claims.accept(made, by=make_person("agent", shop), now=now)
        assert roles(shop) == {
            owner: "owner", made.user: "owner", made.colleague: "colleague",
        }  # fmt: skip
        assert Invitation.objects.filter(accepted_at=None).exists()
        (_mine, told) = letters()
        subject = "Une autre personne tient avec vous la fiche «\xa0Le Fournil\xa0»"
        assert told == (owner.email, subject)
        letter = Email.objects.last().message
        assert "Paul" in letter and "mairie@example.fr" in letter
        assert made.user.email not in letter

    def test_in_their_place(self, shop, owner, made, now):
        agent = make_person("agent", shop)
        claims.accept(made, by=agent, now=now, replace_owners=True)
        assert roles(shop) == {made.user: "owner"}
        assert not Invitation.objects.filter(accepted_at=None).exists()
        subject = "Vous ne tenez plus la fiche «\xa0Le Fournil\xa0»"
        assert letters()[1:] == [(owner.email, subject), (made.colleague.email, subject)]
        assert "01\u00a040\u00a000\u00a000\u00a000" in Email.objects.last().message
        assert actions(shop)[-4:] == ["join", "leave", "leave", "claim_accepted"]
        leaving = HistoryEntry.objects.filter(action="leave").first()
        assert (leaving.by, leaving.capacity) == (agent, "town_hall")

    def test_no(self, shop, owner, made, now):
        agent = make_person("agent", shop)
        claims.refuse(made, reason=" Ce bail est ancien. ", by=agent, now=now)
        made.refresh_from_db()
        assert (made.status, made.reason, made.decided_by) == (
            "refused", "Ce bail est ancien.", agent,
        )  # fmt: skip
        assert roles(shop)[owner] == "owner" and made.user not in roles(shop)
        # The claimant, and the owner who was asked.
        assert letters() == [
            (made.user.email, "Votre demande pour Le Fournil n’est pas acceptée"),
            (owner.email, "La fiche «\xa0Le Fournil\xa0» reste la vôtre"),
        ]
        letter, kept = (email.message for email in Email.objects.order_by("pk"))
        assert "Paul" in kept and "Ce bail est ancien." not in kept
        number = "01\u00a040\u00a000\u00a000\u00a000"
        for words in ("Ce bail est ancien.", "mairie@example.fr", number):
            assert words in letter
        entry = HistoryEntry.objects.first()
        # The reason is the claimant's.
        assert (entry.action, entry.reason) == ("claim_refused", "")

    @pytest.mark.parametrize(
        ("reason", "said"), [("", "Dites pourquoi"), ("  ", "Dites pourquoi"), ("x" * 501, "long")]
    )
    def test_a_refusal_has_a_reason(self, made, now, reason, said):
        with pytest.raises(WorkflowError, match=said):
            claims.refuse(made, reason=reason, by=None, now=now)
        assert Claim.objects.get().is_waiting

    def test_a_town_hall_without_address_is_reached_through_the_site(self, shop, made, now):
        Commune.objects.update(town_hall_email="", town_hall_phone="")
        claims.refuse(made, reason="Non.", by=None, now=now)
        assert "contact@example.fr" in Email.objects.order_by("pk").first().message


def test_other_claims_go_on_as_disputes_and_both_sides_are_told(shop, now):
    first, other = make_claim(shop, make_user(name="Paul")), make_claim(shop)
    assert not any(claim.is_dispute for claim in Claim.objects.with_dispute())
    claims.accept(first, by=None, now=now)
    assert letters() == [
        (first.user.email, "La fiche «\xa0Le Fournil\xa0» est à vous"),
        (other.user.email, "Votre demande pour Le Fournil\u00a0: quelqu’un d’autre tient la fiche"),
        (first.user.email, "Quelqu’un demande la fiche «\xa0Le Fournil\xa0»"),
    ]
    other = Claim.objects.with_dispute().get(pk=other.pk)
    assert other.is_waiting and other.is_dispute
    assert "Paul" not in Email.objects.get(to=[other.user.email]).message
    claims.answer(other, "Je ne le connais pas.", by=first.user, now=now)


def test_words_of_the_queryset(shop, now):
    owner, claimant = make_member(shop), make_user()
    theirs = make_claim(shop, claimant)
    elsewhere = make_claim(make_shop(commune=make_commune("Garches")), owner)
    found = Claim.objects
    assert list(found.to_answer(owner)) == [theirs]
    assert list(found.to_answer(claimant)) == []
    assert set(found.concerning(owner)) == {theirs, elsewhere}
    assert set(found.concerning(claimant)) == {theirs}
    claims.withdraw(elsewhere, by=owner, now=now)
    assert set(found.concerning(owner)) == {theirs}
    assert ShopMember.objects.count() == 1
