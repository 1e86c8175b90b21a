from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchants.opendata.category_files import read_categories
from merchants.opendata.files import ImportFileError
from merchants.workflow.categories import save_categories


class Command(BaseCommand):
    help = "Charge ou met à jour les catégories de commerces (fixtures/categories.json)."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, metavar="FICHIER")

    def handle(self, *, file, **options):
        try:
            groups = read_categories(file)
        except ImportFileError as error:
            raise CommandError(str(error)) from error
        counts = save_categories(groups, by=None, now=timezone.now())
        self.stdout.write(
            f"Catégories\u00a0: {counts.created} créées, {counts.updated} mises à jour, "
            f"{counts.unchanged} inchangées. Fiches réindexées\u00a0: {counts.reindexed}."
        )
