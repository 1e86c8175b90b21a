from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from merchants.models import Category, Commune, ShopStatus
from merchants.opendata.category_index import CategoryIndex
from merchants.opendata.files import ImportFileError
from merchants.opendata.mapping import Mapper
from merchants.opendata.places import Everywhere, Forced
from merchants.opendata.planning import plan_import
from merchants.opendata.readers import FORMATS, open_shops
from merchants.opendata.reports import Report
from merchants.workflow import WorkflowError
from merchants.workflow.importing import Plan, apply_import


class Command(BaseCommand):
    help = (
        "Importe des commerces (voir docs/import.md). Tout est enregistré, ou rien\u202f; un "
        "second import du même fichier ne change rien."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--commune", required=True, help="code INSEE, ou auto")
        parser.add_argument("--format", choices=["auto", *FORMATS], default="auto")
        parser.add_argument("--source", default="", help="nom d’un CSV simple (son nom sinon)")
        parser.add_argument("--publish", action="store_true", help="publie les nouvelles fiches")
        parser.add_argument(
            "--keep-unknown",
            action="store_true",
            help="garde en brouillon les lignes dont l’activité n’est pas indiquée",
        )
        parser.add_argument("--dry-run", action="store_true", help="n’enregistre rien")
        parser.add_argument("--report", type=Path, help="compte rendu ligne par ligne, en CSV")

    def handle(self, *, file, commune, publish, keep_unknown, dry_run, report, **options):
        now = timezone.now()
        if not Category.objects.exists():
            raise CommandError("Aucune catégorie\u00a0: lancez d’abord load_categories.")
        try:
            # Two towns may well call their file "commerces.csv".
            source = options["source"] or ("" if commune == "auto" else f"{file.stem} {commune}")
            shops = open_shops(file, format=options["format"], source=source)
            mapper = Mapper(
                format=shops.format,
                source=shops.source,
                categories=CategoryIndex(),
                places=Everywhere() if commune == "auto" else Forced(_commune(commune)),
                today=timezone.localdate(now),
                keep_unknown=keep_unknown,
            )
            if report:
                Report.check_writable(report)
            status = ShopStatus.PUBLISHED if publish else ShopStatus.PENDING
            drafts = Plan(status=ShopStatus.DRAFT)
            plan, told = plan_import(shops, mapper, status=status, drafts=drafts)
            if not dry_run:
                with transaction.atomic():
                    apply_import(plan, by=None, now=now)
                    apply_import(drafts, by=None, now=now)
            if report:
                told.write_csv(report)
        except (ImportFileError, WorkflowError) as error:
            raise CommandError(str(error)) from error
        for sentence in told.summary():
            self.stdout.write(sentence)
        if dry_run:
            self.stdout.write("Essai\u00a0: rien n’a été enregistré.")


def _commune(code: str) -> Commune:
    try:
        return Commune.objects.get(insee_code=code)
    except Commune.DoesNotExist as error:
        raise CommandError(
            f"La commune {code} n’est pas chargée\u00a0: lancez d’abord load_communes."
        ) from error
