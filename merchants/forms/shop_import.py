"""A file of shops: what the person says of it, and which of its columns is which of ours."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.opendata.import_runs import MOST_BYTES

ACCEPTED = ".csv,.txt,.tsv,.xlsx,.xls,.ods,.geojson,.json,.osm,.pbf"

# What our columns are called, in the order and the groups of the choice.
COLUMN_LABELS = {
    gettext_lazy("Le commerce"): {
        "nom": gettext_lazy("Nom"),
        "categorie": gettext_lazy("Activité"),
        "autres_categories": gettext_lazy("Autres activités"),
        "naf": gettext_lazy("Code NAF"),
        "siret": gettext_lazy("SIRET"),
        "description": gettext_lazy("Présentation"),
        "identifiant": gettext_lazy("Identifiant dans le fichier"),
    },
    gettext_lazy("L’adresse"): {
        "adresse": gettext_lazy("Adresse sur une ligne"),
        "numero": gettext_lazy("Numéro"),
        "voie": gettext_lazy("Voie"),
        "complement": gettext_lazy("Complément d’adresse"),
        "code_postal": gettext_lazy("Code postal"),
        "ville": gettext_lazy("Ville"),
        "code_insee": gettext_lazy("Code INSEE de la commune"),
        "latitude": gettext_lazy("Latitude"),
        "longitude": gettext_lazy("Longitude"),
        "zone_intervention": gettext_lazy("Zone d’intervention (sans local)"),
    },
    gettext_lazy("Le contact"): {
        "telephone": gettext_lazy("Téléphone"),
        "courriel": gettext_lazy("Adresse électronique"),
        "site": gettext_lazy("Site web"),
        "boutique_en_ligne": gettext_lazy("Boutique en ligne"),
        "reseaux_sociaux": gettext_lazy("Réseaux sociaux"),
    },
    gettext_lazy("Les horaires"): {
        "horaires": gettext_lazy("Horaires"),
        "jours_feries": gettext_lazy("Jours fériés"),
        "confirme_le": gettext_lazy("Vérifié le"),
        "confirme_par": gettext_lazy("Vérifié par"),
    },
    gettext_lazy("Les services"): {
        "livraison": gettext_lazy("Livraison"),
        "retrait": gettext_lazy("Retrait sur place"),
        "a_emporter": gettext_lazy("À emporter"),
        "commande_telephone": gettext_lazy("Commande par téléphone"),
        "sur_rendez_vous": gettext_lazy("Sur rendez-vous"),
        "services": gettext_lazy("Services, en une phrase"),
        "acces_pmr": gettext_lazy("Accès de plain-pied"),
        "paiement": gettext_lazy("Moyens de paiement"),
    },
}
LABEL_OF = {key: label for group in COLUMN_LABELS.values() for key, label in group.items()}


class OptionsForm(forms.Form):
    """What holds for the whole file, whatever its columns."""

    source = forms.CharField(
        label=gettext_lazy("Nom de la source"),
        required=False,
        max_length=36,
        help_text=gettext_lazy(
            "Par exemple «\u00a0Liste du service économique\u00a0». Gardez le même nom d’un import "
            "à l’autre\u00a0: les fiches sont alors mises à jour, et non créées deux fois. Sans "
            "nom, c’est celui du fichier. OpenStreetMap et Acceslibre se nomment eux-mêmes."
        ),
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    publish = forms.TypedChoiceField(
        label=gettext_lazy("Les nouvelles fiches"),
        choices=[
            ("", gettext_lazy("attendent d’être validées, une à une ou ensemble")),
            ("1", gettext_lazy("sont publiées dès l’import")),
        ],
        coerce=bool,
        empty_value=False,
        required=False,
        widget=forms.RadioSelect,
    )
    keep_unknown = forms.BooleanField(
        label=gettext_lazy("Garder en brouillon les lignes dont l’activité n’est pas indiquée"),
        required=False,
        help_text=gettext_lazy(
            "Sans cela, elles sont refusées. Un brouillon n’est jamais publié tout seul."
        ),
    )


class UploadForm(OptionsForm):
    """A file, and whose shops it holds; several communes' for administrators alone."""

    file = forms.FileField(
        label=gettext_lazy("Fichier"),
        help_text=gettext_lazy(
            "Un tableur (CSV, XLSX, XLS ou ODS), ou un extrait d’OpenStreetMap (GeoJSON, CSV, OSM "
            "ou PBF)\u202f; 50\u00a0Mo au plus."
        ),
        error_messages={
            "required": gettext_lazy("Choisissez un fichier."),
            "empty": gettext_lazy("Ce fichier est vide."),
        },
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    everywhere = forms.TypedChoiceField(
        label=gettext_lazy("Les commerces du fichier"),
        coerce=bool,
        empty_value=False,
        required=False,
        widget=forms.RadioSelect,
    )
    field_order = ["file", "everywhere", "source", "publish", "keep_unknown"]

    def __init__(self, *args, commune, may_everywhere: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if may_everywhere:
            self.fields["everywhere"].choices = [
                ("", _("sont tous de la commune %(name)s") % {"name": commune.name}),
                ("1", _("sont de plusieurs communes\u00a0: chaque ligne dit la sienne")),
            ]
        else:
            del self.fields["everywhere"]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                _("Ce fichier pèse plus de %(megabytes)d\u00a0Mo. Coupez-le en plusieurs.")
                % {"megabytes": MOST_BYTES // 1_000_000}
            )
        return file


class ColumnsForm(OptionsForm):
    """A choice for each column of the file, by its rank; `matching` is {title: our column}."""

    def __init__(self, *args, columns, **kwargs):
        super().__init__(*args, **kwargs)
        self.columns = columns
        choices = [
            ("", _("Ne pas reprendre")),
            *((group, list(labels.items())) for group, labels in COLUMN_LABELS.items()),
        ]
        for rank, column in enumerate(columns):
            self.fields[f"column-{rank}"] = forms.ChoiceField(
                label=column.title,
                choices=choices,
                required=False,
                initial=column.suggested if column.chosen is None else column.chosen,
            )

    @property
    def rows(self):
        """(column, its bound field) in the order of the file."""
        return [(column, self[f"column-{rank}"]) for rank, column in enumerate(self.columns)]

    @property
    def matching(self) -> dict[str, str]:
        return {
            column.title: self.cleaned_data[f"column-{rank}"]
            for rank, column in enumerate(self.columns)
        }

    def clean(self):
        values = super().clean()
        chosen = {values.get(f"column-{rank}") for rank in range(len(self.columns))}
        if self.columns and "nom" not in chosen:
            self.add_error(None, _("Dites quelle colonne donne le nom du commerce."))
        return values
