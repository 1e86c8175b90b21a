from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchants.models import Category, Commune
from merchants.opendata.files import ImportFileError
from merchants.opendata.sirene import Told
from merchants.opendata.sirene_stock import compare_stock, day_of
from merchants.opendata.sirene_tasks import comparing, nothing_of
from merchants.workflow import WorkflowError
from merchants.workflow.sirene import Found
from merchants.workflow.sirene_readings import end_reading
from merchants.workflow.sirene_search import search_commune

# Of one turn of the company search; what it found is then noted, and the next one begins.
SECONDS = 30.0
LABELS = {
    "unlisted": "commerces absents de l’annuaire",
    "closed": "fiches dont l’établissement a fermé",
    "successor": "successeurs à la même adresse",
}
LEFT_OUT = {
    "listed": "déjà dans l’annuaire",
    "known": "déjà proposés ou écartés",
    "objected": "opposés à figurer dans l’annuaire",
    "hidden": "de catégories que la commune ne montre pas",
}


class Command(BaseCommand):
    help = (
        "Compare l’annuaire avec la base SIRENE de l’INSEE\u00a0: commerces absents, "
        "établissements fermés, successeurs. Rien n’est publié\u00a0: chaque écart attend la "
        "décision d’un agent à /mairie/sirene/. FICHIER est StockEtablissement (.csv, .zip ou "
        ".gz), à télécharger sur data.gouv.fr, «\u00a0Base Sirene des entreprises et de leurs "
        "établissements\u00a0»\u202f; il est lu au fil de l’eau. Source\u00a0: INSEE, base SIRENE, "
        "Licence Ouverte 2.0."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FICHIER", help="StockEtablissement de l’INSEE"
        )
        parser.add_argument(
            "--commune",
            action="append",
            required=True,
            metavar="INSEE",
            help="code INSEE\u202f; à répéter pour lire le fichier une fois pour plusieurs",
        )
        parser.add_argument(
            "--units",
            type=Path,
            metavar="FICHIER",
            help="StockUniteLegale\u00a0: les noms des entreprises, et celles qui ont cessé",
        )
        parser.add_argument(
            "--search",
            action="store_true",
            help="interroge l’annuaire des entreprises au lieu de lire un fichier",
        )
        parser.add_argument("--dry-run", action="store_true", help="n’enregistre rien")

    def handle(self, *, file, commune, units, search, dry_run, **options):
        if bool(file) == search:
            raise CommandError("Donnez le fichier StockEtablissement, ou --search.")
        if units and search:
            raise CommandError("--units accompagne un fichier, pas --search.")
        if not Category.objects.exists():
            raise CommandError("Aucune catégorie\u00a0: lancez d’abord load_categories.")
        communes = [_commune(code) for code in dict.fromkeys(commune)]
        try:
            if search:
                self._search(communes, keep=not dry_run)
            elif dry_run:
                self._read(communes, file, units, keep=False)
            else:
                with comparing(communes):
                    self._read(communes, file, units, keep=True)
        except (ImportFileError, WorkflowError) as error:
            raise CommandError(str(error)) from error
        finally:
            if dry_run:
                self.stdout.write("Essai\u00a0: rien n’a été enregistré.")

    def _read(self, communes: list[Commune], file: Path, units: Path | None, *, keep: bool) -> None:
        told, began_at, stock_date = Told(), timezone.now(), day_of(file)
        found = compare_stock(communes, file, units, told, now=began_at, complete=True, keep=keep)
        self._say_read(told, units)
        for commune, differences in zip(communes, found, strict=True):
            self._say(commune, differences)
            if commune.insee_code not in told.communes:
                self.stdout.write(nothing_of(commune))
            elif keep:
                end_reading(
                    commune,
                    differences,
                    by=None,
                    stock_date=stock_date,
                    began_at=began_at,
                    now=timezone.now(),
                )

    def _search(self, communes: list[Commune], *, keep: bool) -> None:
        for commune in communes:
            found, start, cut = Found(), "", 0
            while True:
                turn = search_commune(
                    commune, now=timezone.now(), start=start, seconds=SECONDS, keep=keep
                )
                found.add(turn.found)
                cut += turn.cut
                start = turn.next
                if turn.problem or not start:
                    break
            self._say(commune, found)
            if cut:
                self.stdout.write(
                    "  L’annuaire des entreprises ne les donne pas tous\u00a0: lisez le fichier."
                )
            if turn.problem:
                raise CommandError(
                    f"{turn.problem} Ce qui précède est gardé\u202f; "
                    "relancez la commande plus tard."
                )

    def _say_read(self, told: Told, units: Path | None) -> None:
        self.stdout.write(f"Lignes lues\u00a0: {told.lines}")
        self.stdout.write(f"  de la commune\u00a0: {told.here}")
        self.stdout.write(f"  opposées à la diffusion, laissées de côté\u00a0: {told.private}")
        self.stdout.write(f"  illisibles\u00a0: {told.unreadable}")
        if told.other_naf:
            self.stdout.write(
                f"  dont l’activité n’est pas en NAF rév. 2, laissées de côté\u00a0: "
                f"{told.other_naf}"
            )
        if units is None:
            self.stdout.write(
                "Sans --units, seules les enseignes sont connues, pas les noms des entreprises, ni "
                "celles qui ont cessé ou s’opposent à la diffusion."
            )

    def _say(self, commune: Commune, found: Found) -> None:
        self.stdout.write(f"{commune.name} ({commune.insee_code}), à examiner\u00a0:")
        for name, label in LABELS.items():
            self.stdout.write(f"  {label}\u00a0: {getattr(found, name)}")
        self.stdout.write("Laissés de côté\u00a0:")
        for name, label in LEFT_OUT.items():
            self.stdout.write(f"  {label}\u00a0: {getattr(found, name)}")


def _commune(code: str) -> Commune:
    commune = Commune.objects.light().of_code(code)
    if commune is None:
        raise CommandError(
            f"La commune {code} n’est pas chargée\u00a0: lancez d’abord load_communes."
        )
    return commune
