from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchants.opendata.communes import fetch_communes, read_communes
from merchants.opendata.files import ImportFileError
from merchants.workflow.communes import save_communes, save_contours


class Command(BaseCommand):
    help = (
        "Charge ou met à jour les communes\u00a0: fichiers de geo.api.gouv.fr (JSON, GeoJSON), CSV "
        "du code officiel géographique, contours. Sans fichier, interroge geo.api.gouv.fr."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", type=Path, metavar="FICHIER")
        parser.add_argument("--departement", nargs="+", default=[], help="codes, par exemple 92")
        parser.add_argument("--commune", nargs="+", default=[], help="codes INSEE")

    def handle(self, *, files, departement, commune, **options):
        departments, codes = set(departement), set(commune)
        if not (files or departments or codes):
            raise CommandError("Indiquez un fichier, --departement ou --commune.")
        try:
            if files:
                read = [read_communes(path) for path in files]
                for found in read:
                    found.keep(departments, codes)
            else:
                url = settings.GEO_API_URL
                read = [fetch_communes(url, department=code) for code in sorted(departments)]
                read += [fetch_communes(url, code=code) for code in sorted(codes)]
        except ImportFileError as error:
            raise CommandError(str(error)) from error

        now = timezone.now()
        for found in read:
            for remark in found.remarks:
                self.stdout.write(remark)
        communes = [record for found in read for record in found.communes]
        if communes:
            counts = save_communes(communes, by=None, now=now)
            self.stdout.write(
                f"Communes\u00a0: {counts.created} créées, {counts.updated} mises à jour, "
                f"{counts.unchanged} inchangées, {counts.without_geometry} sans géométrie."
            )
        contours = [pair for found in read for pair in found.contours]
        if contours:
            counts = save_contours(contours, by=None, now=now)
            self.stdout.write(
                f"Contours\u00a0: {counts.updated} enregistrés, {counts.unchanged} inchangés, "
                f"{counts.unknown} de communes inconnues."
            )
        if not (communes or contours):
            self.stdout.write("Aucune commune ne répond à ces critères.")
