from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from merchants.models import ShopStatus, User
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
from merchants.workflow.importing import apply_import

EMAIL = "mairie@demo.example"
PASSWORD = "demo-mairie-2026"
DEMO = FIXTURES / "demo"


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
            User.objects.create_superuser(EMAIL, PASSWORD, name="Mairie (démonstration)")
        self.stdout.write(f"Compte de la mairie\u00a0: {EMAIL}, mot de passe {PASSWORD}")

    def _import(self, path: Path, index: CategoryIndex, places: Everywhere, now) -> None:
        file = open_shops(path, source="demo")
        mapper = Mapper(
            format=file.format,
            source=file.source,
            categories=index,
            places=places,
            today=timezone.localdate(now),
        )
        plan, report = plan_import(file, mapper, status=ShopStatus.PUBLISHED)
        apply_import(plan, by=None, now=now)
        taken = report.count(Result.TAKEN, Result.REPAIRED)
        self.stdout.write(f"{path.name}\u00a0: {taken} commerces.")
        for label, number in (*report.reasons(), *report.repairs()):
            self.stdout.write(f"  {number} × {label}")
