"""Two listings that the town hall has told apart."""

import pytest
from django.db import IntegrityError, transaction

from merchants.models import DistinctShops, HistoryEntry, Shop
from merchants.models.twins import twin_pairs
from merchants.workflow import WorkflowError, checks, registration
from merchants.workflow.distinct import take_back, tell_apart
from merchants.workflow.merging import unmerge
from merchants.workflow.roles import give_role
from merchants.workflow.values import Listing
from tests.claiming import make_person
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.merging import merge_both

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_commune()


@pytest.fixture
def one(commune):
    return make_shop("Le Fournil", commune=commune)


@pytest.fixture
def two(commune):
    return make_shop("Fournil", commune=commune, status="pending")


def told() -> set[tuple[int, int]]:
    return set(DistinctShops.objects.values_list("one", "two"))


class TestTellingApart:
    def test_once_and_in_order(self, one, two):
        agent, colleague = (make_person("agent", one) for _each in range(2))
        versions = [one.version, two.version]
        first = tell_apart(two, one, by=agent, now=NOW)
        assert (first.one, first.two, first.by, first.at) == (one, two, agent, NOW)
        assert tell_apart(one, two, by=colleague, now=NOW) == first
        assert DistinctShops.objects.get().by == agent
        # Nothing of either listing changes.
        assert list(Shop.objects.order_by("pk").values_list("version", flat=True)) == versions
        assert HistoryEntry.objects.filter(by=agent).count() == 0

    def test_and_taken_back(self, one, two):
        agent = make_person("agent", one)
        tell_apart(one, two, by=agent, now=NOW)
        for _each in range(2):
            take_back(two, one, by=agent, now=NOW)
            assert told() == set()

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("agent", True), ("referent", True), ("admin", True), ("site", True),
            ("agent elsewhere", False), ("helper", False), ("owner", False), ("stranger", False),
        ],
    )  # fmt: skip
    def test_who_may(self, one, two, who, may):
        person = make_person(who, one)
        for act in (tell_apart, take_back):
            if may:
                act(one, two, by=person, now=NOW)
                continue
            before = told()
            with pytest.raises(WorkflowError, match="ne permet pas"):
                act(one, two, by=person, now=NOW)
            assert told() == before
            tell_apart(one, two, by=None, now=NOW)

    def test_of_two_communes_by_who_works_for_both(self, one):
        far = make_shop("Le Fournil", commune=make_commune("Garches"))
        agent = make_person("agent", one)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            tell_apart(one, far, by=agent, now=NOW)
        give_role(agent, far.commune, role="agent", by=None, now=NOW)
        tell_apart(one, far, by=agent, now=NOW)
        assert told() == {(one.pk, far.pk)}

    def test_what_is_no_pair(self, commune, one, two):
        merged = make_shop("Fournil bis", commune=commune)
        merge_both(one, merged)
        draft = make_shop("Fournil", commune=commune, status="draft")
        make_member(draft)
        for other, sentence in (
            (one, "deux fiches différentes"), (merged, "réunie avec une autre"),
            (draft, "pas encore envoyée"), (Shop(pk=99999999), "n’existe plus"),
        ):  # fmt: skip
            with pytest.raises(WorkflowError, match=sentence):
                tell_apart(one, other, by=None, now=NOW)
        assert told() == set()

    def test_the_database_keeps_one_row_for_a_pair(self, one, two):
        tell_apart(one, two, by=None, now=NOW)
        for pair in ((one, two), (two, one), (one, one)):
            with pytest.raises(IntegrityError), transaction.atomic():
                DistinctShops.objects.create(one=pair[0], two=pair[1], at=NOW)

    def test_goes_with_a_listing_and_not_with_an_account(self, one, two):
        agent = make_person("agent", one)
        tell_apart(one, two, by=agent, now=NOW)
        agent.delete()
        assert DistinctShops.objects.get().by is None
        two.delete()
        assert told() == set()


class TestWhatIsProposed:
    def test_nowhere_any_more_and_again_when_taken_back(self, commune, one, two):
        def proposed() -> list[bool]:
            found = checks.local_checks(two, Listing.of(two), sender=None, now=NOW)
            return [
                bool(twin_pairs(commune.shops.all(), city=commune.name, most=5)),
                any(one in check.shops for check in found),
                two.pk in Shop.objects.with_likely_twins([two]),
                one in Shop.objects.not_told_apart_from(two).exclude(pk=two.pk),
                two in Shop.objects.not_told_apart_from(one).exclude(pk=one.pk),
            ]

        assert proposed() == [True] * 5
        tell_apart(one, two, by=None, now=NOW)
        assert proposed() == [False] * 5
        take_back(one, two, by=None, now=NOW)
        assert proposed() == [True] * 5

    def test_others_still_are(self, commune, one, two):
        third = make_shop("Fournil", commune=commune)
        tell_apart(one, two, by=None, now=NOW)
        pairs = twin_pairs(commune.shops.all(), city=commune.name, most=5)
        assert {(pair.one, pair.two) for pair in pairs} == {(one, third), (two, third)}
        assert Shop.objects.with_likely_twins([two]) == {two.pk}

    def test_who_registers_is_still_asked(self, one, two):
        """Somebody else may well be about to register the first of them again."""
        tell_apart(one, two, by=None, now=NOW)
        assert one in registration.twins(two)


class TestMerging:
    @pytest.fixture
    def third(self, commune):
        return make_shop("Fournil bis", commune=commune)

    def test_what_was_said_of_one_holds_of_the_other(self, one, two, third):
        agent = make_user()
        DistinctShops.objects.create(one=one, two=third, by=agent, at=NOW)
        merge_both(two, one)
        assert told() == {(one.pk, third.pk), (two.pk, third.pk)}
        assert set(DistinctShops.objects.values_list("by", flat=True)) == {agent.pk}
        unmerge(one, by=None, now=NOW)
        assert told() == {(one.pk, third.pk)}

    def test_what_was_said_of_both_stays_with_both(self, one, two, third):
        for shop in (one, two):
            tell_apart(shop, third, by=None, now=NOW)
        merge_both(two, one)
        unmerge(one, by=None, now=NOW)
        assert told() == {(one.pk, third.pk), (two.pk, third.pk)}

    def test_told_apart_and_merged_all_the_same(self, one, two):
        """The later word counts, until it is taken back."""
        tell_apart(one, two, by=None, now=NOW)
        merge_both(one, two)
        unmerge(two, by=None, now=NOW)
        assert told() == {(one.pk, two.pk)}
