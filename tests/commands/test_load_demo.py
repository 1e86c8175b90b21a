import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError

from merchants.models import Category, Commune, CommuneRole, Shop, User
from merchants.workflow import queues

pytestmark = pytest.mark.django_db


def test_only_on_a_machine_of_ones_own(run, settings):
    settings.LOCAL = False
    with pytest.raises(CommandError, match="mot de passe public"):
        run("load_demo")
    assert not User.objects.exists()
    assert not Category.objects.exists()


def test_loads_all_of_it_once(run, settings):
    settings.LOCAL = True
    said = run("load_demo")
    assert "refus" not in said
    shops = Shop.objects.published()
    assert shops.count() == 154
    assert set(Commune.objects.values_list("slug", flat=True)) == {
        "rueil-malmaison",
        "suresnes",
        "garches",
        "marcq-en-baroeul",
    }
    assert not Commune.objects.filter(welcome_text="").exists()
    assert shops.filter(confirmed_at__isnull=False).count() > 100
    # A coin dealer: the one trade that has no category of its own.
    assert shops.filter(main_category__slug="autre-commerce").count() == 1
    assert set(shops.values_list("services__kind", flat=True)) >= {"livraison", "retrait"}
    agent = User.objects.get(is_staff=True)
    assert agent.email == "mairie@demo.example"
    assert agent.is_superuser
    assert agent.check_password("demo-mairie-2026")
    merchant = User.objects.get(email="commercante@demo.example")
    assert merchant.check_password("demo-commerce-2026")
    assert set(EmailAddress.objects.values_list("verified", "primary")) == {(True, True)}
    assert EmailAddress.objects.count() == User.objects.count() == 9
    able = [user.email for user in User.objects.all() if user.has_usable_password()]
    assert len(able) == 5
    team = CommuneRole.objects.select_related("user", "commune")
    assert {(held.user.email, held.role, held.commune.slug) for held in team} == {
        ("referente@demo.example", "referent", "rueil-malmaison"),
        ("agent@demo.example", "agent", "rueil-malmaison"),
        ("aidant@demo.example", "helper", "rueil-malmaison"),
    }
    for held in team:
        password = said.split(f"{held.user.email}, mot de passe ")[1].split()[0]
        assert held.user.check_password(password)

    kept = Shop.objects.kept_by(merchant)
    assert set(kept.values_list("commune__slug", flat=True)) == {"rueil-malmaison"}
    assert kept.count() == 2

    [town] = {held.commune for held in team}
    empty = {queue.kind for queue in queues.waiting({town.pk}) if not queue.count}
    assert empty == {queues.DISPUTE, queues.MAILS}

    versions = list(Commune.objects.values_list("version", flat=True))
    assert "déjà là" in run("load_demo")
    assert Shop.objects.count() == 157
    assert list(Commune.objects.values_list("version", flat=True)) == versions
