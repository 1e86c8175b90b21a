from datetime import datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from merchants.management.demo_desk import fill_desk
from merchants.models import Commune, Shop, ShopStatus, User
from merchants.models.role import RoleKind
from merchants.opendata.category_files import FIXTURES, read_categories
from merchants.opendata.category_index import CategoryIndex
from merchants.opendata.communes import read_communes
from merchants.opendata.mapping import Mapper
from merchants.opendata.places import Everywhere
from merchants.opendata.planning import plan_import
from merchants.opendata.readers import open_shops
from merchants.opendata.reports import Result
from merchants.workflow.categories import save_categories
from merchants.workflow.communes import save_communes
from merchants.workflow.edit import edit_listing
from merchants.workflow.importing import apply_import
from merchants.workflow.members import add_member
from merchants.workflow.roles import give_role

EMAIL = "mairie@demo.example"
PASSWORD = "demo-mairie-2026"
MERCHANT_EMAIL = "commercante@demo.example"
MERCHANT_PASSWORD = "demo-commerce-2026"
MERCHANT_TOWN = "92063"
# Of the same town: (address, password, name, role).
TEAM = [
    ("referente@demo.example", "demo-referente-2026", "Référente (démonstration)", "referent"),
    ("agent@demo.example", "demo-agent-2026", "Agent (démonstration)", "agent"),
    ("aidant@demo.example", "demo-aidant-2026", "Aidant (démonstration)", "helper"),
]
DEMO = FIXTURES / "demo"
REGISTERED = timedelta(days=5)  # ago


class Command(BaseCommand):
    help = "Charge la démonstration\u00a0: communes, commerces imaginaires, compte de la mairie."

    def handle(self, **options):
        if not settings.LOCAL:
            raise CommandError(
                "La démonstration a un mot de passe public\u00a0: elle ne se charge qu’avec "
                "DEMO=1 ou DEBUG=1."
            )
        if User.objects.filter(email=EMAIL).exists():
            self.stdout.write("La démonstration est déjà là\u00a0: rien n’a été changé.")
            return
        now = timezone.now()
        with transaction.atomic():
            categories = save_categories(read_categories(), by=None, now=now)
            communes = read_communes(DEMO / "communes.geojson").communes
            save_communes(communes, by=None, now=now)
            self.stdout.write(
                f"Catégories\u00a0: {categories.created} créées. "
                f"Communes\u00a0: {len(communes)} chargées."
            )
            index, places = CategoryIndex(), Everywhere()
            for path in sorted(DEMO.glob("commerces-*.csv")):
                self._import(path, index, places, now)
            for path in DEMO.glob("attente-*.csv"):
                self._import(path, index, places, now - REGISTERED, status=ShopStatus.PENDING)
            create = User.objects.create_user
            create(
                EMAIL,
                PASSWORD,
                name="Mairie (démonstration)",
                is_staff=True,
                is_superuser=True,
            )
            merchant = create(MERCHANT_EMAIL, MERCHANT_PASSWORD, name="Commerçante (démonstration)")
            self._entrust(merchant, now)
            town = Commune.objects.get(insee_code=MERCHANT_TOWN)
            for email, password, name, role in TEAM:
                colleague = create(email, password, name=name)
                give_role(colleague, town, role=RoleKind(role), by=None, now=now)
            fill_desk(town, now=now)
            emails = (EMAIL, MERCHANT_EMAIL, *(row[0] for row in TEAM))
            for user in User.objects.filter(email__in=emails):
                EmailAddress.objects.create(
                    user=user, email=user.email, verified=True, primary=True
                )
        self.stdout.write(f"Compte de la mairie\u00a0: {EMAIL}, mot de passe {PASSWORD}")
        self.stdout.write(
            f"Compte d’une commerçante\u00a0: {MERCHANT_EMAIL}, mot de passe {MERCHANT_PASSWORD}"
        )
        for email, password, name, _role in TEAM:
            self.stdout.write(f"{name}\u00a0: {email}, mot de passe {password}")

    def _entrust(self, merchant: User, now) -> None:
        """Two shops of Rueil-Malmaison, with a proposal that waits for the town hall."""
        town = Shop.objects.published().filter(commune__insee_code=MERCHANT_TOWN)
        for shop in town.order_by("pk")[:2]:
            add_member(shop, merchant, by=None, now=now)
            proposal = {"name": f"{shop.name} & Filles"}
        edit_listing(shop, proposal, by=merchant, expected_version=None, now=now)

    def _import(
        self,
        path: Path,
        index: CategoryIndex,
        places: Everywhere,
        now: datetime,
        *,
        status: ShopStatus = ShopStatus.PUBLISHED,
    ) -> None:
        file = open_shops(path, source="demo")
        mapper = Mapper(
            format=file.format,
            source=file.source,
            categories=index,
            places=places,
            today=timezone.localdate(now),
        )
        plan, report = plan_import(file, mapper, status=status)
        apply_import(plan, by=None, now=now)
        taken = report.count(Result.TAKEN, Result.REPAIRED)
        self.stdout.write(f"{path.name}\u00a0: {taken} commerces.")
        for label, number in (*report.reasons(), *report.repairs()):
            self.stdout.write(f"  {number} × {label}")
