from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchants.models import Category, Commune, ShopImport, ShopStatus
from merchants.opendata.files import ImportFileError
from merchants.opendata.import_runs import mapper_of, town_source, undo
from merchants.opendata.planning import plan_import
from merchants.opendata.readers import COLUMNS, FORMATS, open_shops
from merchants.opendata.reports import Report
from merchants.workflow import WorkflowError
from merchants.workflow.importing import apply_import


class Command(BaseCommand):
    help = (
        "Importe des commerces (voir docs/import.md). Tout est enregistré, ou rien\u202f; un "
        "second import du même fichier ne change rien."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FICHIER", nargs="?")
        parser.add_argument("--commune", help="code INSEE, ou auto")
        parser.add_argument("--format", choices=["auto", *FORMATS], default="auto")
        parser.add_argument("--source", default="", help="nom d’un CSV simple (son nom sinon)")
        parser.add_argument(
            "--matching",
            action="append",
            default=[],
            metavar="TITRE=COLONNE",
            help="ce que veut dire un titre du fichier\u202f; rien après le signe = pour l’ignorer",
        )
        parser.add_argument("--publish", action="store_true", help="publie les nouvelles fiches")
        parser.add_argument(
            "--keep-unknown",
            action="store_true",
            help="garde en brouillon les lignes dont l’activité n’est pas indiquée",
        )
        parser.add_argument("--dry-run", action="store_true", help="n’enregistre rien")
        parser.add_argument("--report", type=Path, help="compte rendu ligne par ligne, en CSV")
        parser.add_argument(
            "--undo", type=int, metavar="NUMÉRO", help="annule un import fait depuis la mairie"
        )

    def handle(self, *, file, commune, undo, dry_run, **options):
        try:
            if undo is not None:
                sentences = _undone(undo)
            elif file is None or not commune:
                raise CommandError("Donnez un fichier et --commune, ou --undo et un numéro.")
            else:
                sentences = _imported(file, commune, dry_run=dry_run, **options).summary()
        except (ImportFileError, WorkflowError) as error:
            raise CommandError(str(error)) from error
        for sentence in sentences:
            self.stdout.write(sentence)
        if dry_run:
            self.stdout.write("Essai\u00a0: rien n’a été enregistré.")


def _imported(
    file: Path, code: str, *, dry_run: bool, publish: bool, keep_unknown: bool, **options
) -> Report:
    now = timezone.now()
    if not Category.objects.exists():
        raise CommandError("Aucune catégorie\u00a0: lancez d’abord load_categories.")
    commune = None if code == "auto" else _commune(code)
    # Two towns may well call their file "commerces.csv".
    source = options["source"] or (town_source(file.stem, commune) if commune else "")
    shops = open_shops(
        file, format=options["format"], source=source, matching=_matching(options["matching"])
    )
    if options["report"]:
        Report.check_writable(options["report"])
    mapper = mapper_of(shops, commune, keep_unknown=keep_unknown, now=now)
    status = ShopStatus.PUBLISHED if publish else ShopStatus.PENDING
    plan, report = plan_import(shops, mapper, status=status)
    if not dry_run:
        apply_import(plan, by=None, now=now)
    if options["report"]:
        report.write_csv(options["report"])
    return report


def _undone(number: int) -> list[str]:
    try:
        run = ShopImport.objects.get(pk=number)
    except ShopImport.DoesNotExist as error:
        raise CommandError(f"Aucun import ne porte le numéro {number}.") from error
    before = len(run.remarks)
    return undo(run, by=None, now=timezone.now()).remarks[before:]


def _matching(pairs: list[str]) -> dict[str, str]:
    matching = {}
    for pair in pairs:
        title, _sign, column = pair.rpartition("=")
        if not title or column not in {"", *COLUMNS}:
            raise CommandError(f"Non compris\u00a0: --matching {pair}. Voyez docs/import.md.")
        matching[title.strip()] = column
    return matching


def _commune(code: str) -> Commune:
    try:
        return Commune.objects.get(insee_code=code)
    except Commune.DoesNotExist as error:
        raise CommandError(
            f"La commune {code} n’est pas chargée\u00a0: lancez d’abord load_communes."
        ) from error
