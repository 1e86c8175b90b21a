import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import merchants.models.shop


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="adresse électronique")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="nom")),
                ("is_active", models.BooleanField(default=True, verbose_name="compte actif")),
                (
                    "is_staff",
                    models.BooleanField(default=False, verbose_name="accès à l’espace mairie"),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="inscription"
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte",
                "verbose_name_plural": "comptes",
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        max_length=60, unique=True, verbose_name="adresse dans le site"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                ("name_en", models.CharField(max_length=80, verbose_name="nom anglais")),
                (
                    "icon",
                    models.CharField(
                        help_text="Nom d’un symbole de static/icons.svg",
                        max_length=40,
                        verbose_name="pictogramme",
                    ),
                ),
                (
                    "keywords",
                    models.TextField(
                        blank=True,
                        help_text="Ce que l’on tape pour trouver ces commerces\xa0: «\xa0pain, baguette\xa0»",
                        verbose_name="mots ordinaires",
                    ),
                ),
                (
                    "osm_tags",
                    models.JSONField(blank=True, default=list, verbose_name="attributs OSM"),
                ),
                ("naf_codes", models.JSONField(blank=True, default=list, verbose_name="codes NAF")),
                (
                    "labels",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Ce que les fichiers importés écrivent\xa0: «\xa0Boulangerie - pâtisserie\xa0»",
                        verbose_name="libellés",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="merchants.category",
                        verbose_name="groupe",
                    ),
                ),
            ],
            options={
                "verbose_name": "catégorie",
                "verbose_name_plural": "catégories",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Commune",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "insee_code",
                    models.CharField(
                        max_length=5,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\d[0-9AB]\\d{3}$", "Un code INSEE compte 5 caractères."
                            )
                        ],
                        verbose_name="code INSEE",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "slug",
                    models.SlugField(
                        max_length=120, unique=True, verbose_name="adresse dans le site"
                    ),
                ),
                (
                    "postcodes",
                    models.JSONField(blank=True, default=list, verbose_name="codes postaux"),
                ),
                ("department", models.CharField(max_length=3, verbose_name="département")),
                (
                    "population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="population"),
                ),
                (
                    "latitude",
                    models.FloatField(blank=True, null=True, verbose_name="latitude du centre"),
                ),
                (
                    "longitude",
                    models.FloatField(blank=True, null=True, verbose_name="longitude du centre"),
                ),
                (
                    "bbox",
                    models.JSONField(
                        blank=True,
                        help_text="[ouest, sud, est, nord], en degrés",
                        null=True,
                        verbose_name="emprise",
                    ),
                ),
                (
                    "contour",
                    models.JSONField(
                        blank=True,
                        help_text="Géométrie GeoJSON (RFC 7946)",
                        null=True,
                        verbose_name="contour",
                    ),
                ),
                (
                    "timezone",
                    models.CharField(
                        choices=[
                            ("America/Cayenne", "America/Cayenne"),
                            ("America/Guadeloupe", "America/Guadeloupe"),
                            ("America/Marigot", "America/Marigot"),
                            ("America/Martinique", "America/Martinique"),
                            ("America/Miquelon", "America/Miquelon"),
                            ("America/St_Barthelemy", "America/St_Barthelemy"),
                            ("Europe/Paris", "Europe/Paris"),
                            ("Indian/Mayotte", "Indian/Mayotte"),
                            ("Indian/Reunion", "Indian/Reunion"),
                            ("Pacific/Marquesas", "Pacific/Marquesas"),
                            ("Pacific/Noumea", "Pacific/Noumea"),
                            ("Pacific/Tahiti", "Pacific/Tahiti"),
                            ("Pacific/Wallis", "Pacific/Wallis"),
                        ],
                        default="Europe/Paris",
                        max_length=40,
                        verbose_name="fuseau horaire",
                    ),
                ),
                (
                    "holiday_zone",
                    models.CharField(
                        choices=[
                            ("metropole", "métropole"),
                            ("alsace-moselle", "Alsace-Moselle"),
                            ("guadeloupe", "Guadeloupe"),
                            ("martinique", "Martinique"),
                            ("guyane", "Guyane"),
                            ("la-reunion", "La Réunion"),
                            ("mayotte", "Mayotte"),
                            ("saint-pierre-et-miquelon", "Saint-Pierre-et-Miquelon"),
                            ("saint-barthelemy", "Saint-Barthélemy"),
                            ("saint-martin", "Saint-Martin"),
                            ("nouvelle-caledonie", "Nouvelle-Calédonie"),
                            ("polynesie-francaise", "Polynésie française"),
                            ("wallis-et-futuna", "Wallis-et-Futuna"),
                        ],
                        default="metropole",
                        max_length=30,
                        verbose_name="jours fériés",
                    ),
                ),
                (
                    "town_hall_name",
                    models.CharField(blank=True, max_length=120, verbose_name="nom de la mairie"),
                ),
                (
                    "town_hall_address",
                    models.TextField(blank=True, verbose_name="adresse de la mairie"),
                ),
                (
                    "town_hall_phone",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="téléphone de la mairie"
                    ),
                ),
                (
                    "town_hall_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="courriel de la mairie"
                    ),
                ),
                (
                    "town_hall_website",
                    models.URLField(blank=True, verbose_name="site de la mairie"),
                ),
                ("legal_notice", models.TextField(blank=True, verbose_name="mentions légales")),
                (
                    "welcome_text",
                    models.TextField(blank=True, max_length=600, verbose_name="texte d’accueil"),
                ),
                (
                    "accent_color",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-fA-F]{6}$", "Une couleur s’écrit #1a2b3c."
                            )
                        ],
                        verbose_name="couleur",
                    ),
                ),
                ("logo", models.ImageField(blank=True, upload_to="logos/", verbose_name="logo")),
                ("search_text", models.CharField(default="", editable=False, max_length=400)),
                ("version", models.PositiveBigIntegerField(default=0, editable=False)),
            ],
            options={
                "verbose_name": "commune",
                "ordering": ["name", "insee_code"],
                "indexes": [
                    models.Index(fields=["department"], name="merchants_c_departm_dd14f1_idx"),
                    models.Index(fields=["name"], name="merchants_c_name_02a5f3_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "timezone__in",
                                [
                                    "America/Cayenne",
                                    "America/Guadeloupe",
                                    "America/Marigot",
                                    "America/Martinique",
                                    "America/Miquelon",
                                    "America/St_Barthelemy",
                                    "Europe/Paris",
                                    "Indian/Mayotte",
                                    "Indian/Reunion",
                                    "Pacific/Marquesas",
                                    "Pacific/Noumea",
                                    "Pacific/Tahiti",
                                    "Pacific/Wallis",
                                ],
                            )
                        ),
                        name="commune_timezone_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "holiday_zone__in",
                                [
                                    "metropole",
                                    "alsace-moselle",
                                    "guadeloupe",
                                    "martinique",
                                    "guyane",
                                    "la-reunion",
                                    "mayotte",
                                    "saint-pierre-et-miquelon",
                                    "saint-barthelemy",
                                    "saint-martin",
                                    "nouvelle-caledonie",
                                    "polynesie-francaise",
                                    "wallis-et-futuna",
                                ],
                            )
                        ),
                        name="commune_holiday_zone_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude", None), ("longitude", None)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="commune_centre_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                ("slug", models.SlugField(max_length=140, verbose_name="adresse dans le site")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "brouillon"),
                            ("pending", "en attente de validation"),
                            ("published", "publié"),
                            ("refused", "refusé"),
                            ("suspended", "suspendu"),
                            ("closed", "fermé définitivement"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                (
                    "siret",
                    models.CharField(
                        blank=True,
                        max_length=14,
                        validators=[merchants.models.shop._check_siret],
                        verbose_name="SIRET",
                    ),
                ),
                (
                    "description",
                    models.TextField(blank=True, max_length=2000, verbose_name="description"),
                ),
                (
                    "house_number",
                    models.CharField(blank=True, max_length=20, verbose_name="numéro"),
                ),
                ("street", models.CharField(blank=True, max_length=160, verbose_name="voie")),
                (
                    "address_extra",
                    models.CharField(
                        blank=True, max_length=160, verbose_name="complément d’adresse"
                    ),
                ),
                (
                    "postcode",
                    models.CharField(blank=True, max_length=5, verbose_name="code postal"),
                ),
                ("city", models.CharField(blank=True, max_length=120, verbose_name="ville")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                (
                    "location_source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("merchant", "posé par le commerçant"),
                            ("town_hall", "posé par la mairie"),
                            ("geocoder", "base adresse nationale"),
                            ("import", "fichier importé"),
                        ],
                        max_length=12,
                        verbose_name="origine du point",
                    ),
                ),
                (
                    "location_precision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exact", "l’entrée du commerce"),
                            ("housenumber", "le numéro dans la rue"),
                            ("street", "la rue"),
                            ("locality", "le lieu-dit"),
                            ("municipality", "la commune"),
                        ],
                        max_length=12,
                        verbose_name="précision du point",
                    ),
                ),
                (
                    "service_area",
                    models.CharField(
                        blank=True,
                        help_text="Pour qui se déplace et n’a pas de local\xa0: «\xa0Suresnes et 10\xa0km autour\xa0»",
                        max_length=200,
                        verbose_name="zone d’intervention",
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[merchants.models.shop._check_phone],
                        verbose_name="téléphone",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("website", models.URLField(blank=True, max_length=500, verbose_name="site")),
                (
                    "shop_url",
                    models.URLField(blank=True, max_length=500, verbose_name="boutique en ligne"),
                ),
                (
                    "social_links",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Liste d’adresses",
                        verbose_name="réseaux sociaux",
                    ),
                ),
                (
                    "step_free",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "non renseigné"),
                            ("yes", "entrée de plain-pied"),
                            ("limited", "entrée avec aide ou petite marche"),
                            ("no", "entrée avec marches"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="accès",
                    ),
                ),
                (
                    "payment_means",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Liste de codes",
                        verbose_name="moyens de paiement",
                    ),
                ),
                (
                    "holiday_rule",
                    models.CharField(
                        choices=[
                            ("closed", "fermé les jours fériés"),
                            ("as_usual", "ouvert comme d’habitude"),
                            ("unknown", "à confirmer"),
                        ],
                        default="unknown",
                        max_length=10,
                        verbose_name="jours fériés",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmé le"),
                ),
                (
                    "confirmed_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("merchant", "le commerçant"),
                            ("town_hall", "la mairie"),
                            ("town_hall_phone", "la mairie, par téléphone"),
                        ],
                        max_length=16,
                        verbose_name="confirmé par",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=40, verbose_name="source")),
                (
                    "source_id",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="identifiant dans la source"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                ("search_text", models.TextField(default="", editable=False)),
                (
                    "categories",
                    models.ManyToManyField(
                        related_name="shops", to="merchants.category", verbose_name="catégories"
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shops",
                        to="merchants.commune",
                        verbose_name="commune",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte qui a confirmé",
                    ),
                ),
                (
                    "main_category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.category",
                        verbose_name="catégorie principale",
                    ),
                ),
            ],
            options={
                "verbose_name": "commerce",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ServiceOption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("livraison", "Livraison"),
                            ("retrait", "Click & collect"),
                            ("emporter", "À emporter"),
                            ("telephone", "Commande par téléphone"),
                            ("rendez-vous", "Sur rendez-vous"),
                        ],
                        max_length=20,
                        verbose_name="service",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="précision")),
                (
                    "area",
                    models.CharField(blank=True, max_length=200, verbose_name="zone de livraison"),
                ),
                (
                    "minimum_order",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=7,
                        null=True,
                        verbose_name="minimum de commande (€)",
                    ),
                ),
                (
                    "fee",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=7,
                        null=True,
                        verbose_name="frais de livraison (€)",
                    ),
                ),
                ("delay", models.CharField(blank=True, max_length=120, verbose_name="délai")),
                (
                    "how_to_order",
                    models.CharField(blank=True, max_length=200, verbose_name="comment commander"),
                ),
                (
                    "pickup_place",
                    models.CharField(blank=True, max_length=200, verbose_name="lieu de retrait"),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="services",
                        to="merchants.shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "service",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stem", models.CharField(max_length=120, unique=True, verbose_name="fichier")),
                (
                    "widths",
                    models.JSONField(
                        default=list, help_text="En pixels, croissantes", verbose_name="largeurs"
                    ),
                ),
                ("width", models.PositiveIntegerField(verbose_name="largeur")),
                ("height", models.PositiveIntegerField(verbose_name="hauteur")),
                (
                    "alt",
                    models.CharField(
                        max_length=200, verbose_name="description pour qui ne voit pas la photo"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="ajoutée le")),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="merchants.shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SpecialPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateField(verbose_name="premier jour")),
                ("end", models.DateField(verbose_name="dernier jour")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("closed", "fermé"),
                            ("hours", "autres horaires"),
                            ("unknown", "à confirmer"),
                        ],
                        max_length=10,
                        verbose_name="ouverture",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=100, verbose_name="motif")),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="specials",
                        to="merchants.shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "période particulière",
                "verbose_name_plural": "périodes particulières",
                "ordering": ["start"],
            },
        ),
        migrations.CreateModel(
            name="OpeningPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "lundi"),
                            (1, "mardi"),
                            (2, "mercredi"),
                            (3, "jeudi"),
                            (4, "vendredi"),
                            (5, "samedi"),
                            (6, "dimanche"),
                        ],
                        verbose_name="jour",
                    ),
                ),
                (
                    "opens",
                    models.PositiveSmallIntegerField(
                        help_text="minutes après minuit", verbose_name="ouvre"
                    ),
                ),
                (
                    "closes",
                    models.PositiveSmallIntegerField(
                        help_text="minutes après minuit", verbose_name="ferme"
                    ),
                ),
                (
                    "by_appointment",
                    models.BooleanField(default=False, verbose_name="sur rendez-vous"),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="periods",
                        to="merchants.shop",
                    ),
                ),
                (
                    "special",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="periods",
                        to="merchants.specialperiod",
                        verbose_name="période particulière",
                    ),
                ),
            ],
            options={
                "verbose_name": "horaire",
                "ordering": ["weekday", "opens"],
            },
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                name="user_email_unique",
                violation_error_message="Un compte existe déjà avec cette adresse.",
            ),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=models.Index(fields=["commune", "status", "name"], name="shop_commune_status"),
        ),
        migrations.AddIndex(
            model_name="shop",
            index=models.Index(fields=["latitude", "longitude"], name="shop_point"),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.UniqueConstraint(
                fields=("commune", "slug"), name="shop_slug_unique_in_commune"
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "pending", "published", "suspended"]),
                    models.Q(("siret", ""), _negated=True),
                ),
                fields=("siret",),
                name="shop_siret_unique_among_live",
                violation_error_message="Une fiche porte déjà ce SIRET.",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_id", ""), _negated=True),
                fields=("source", "source_id"),
                name="shop_source_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("latitude", None),
                        ("location_precision", ""),
                        ("location_source", ""),
                        ("longitude", None),
                    ),
                    models.Q(
                        ("latitude__isnull", False),
                        ("longitude__isnull", False),
                        ("latitude__range", (-90, 90)),
                        ("longitude__range", (-180, 180)),
                        models.Q(("location_source", ""), _negated=True),
                        models.Q(("location_precision", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="shop_point_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_as", ""), ("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        models.Q(("confirmed_as", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="shop_confirmation_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["draft", "pending", "published", "refused", "suspended", "closed"],
                    )
                ),
                name="shop_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(("holiday_rule__in", ["closed", "as_usual", "unknown"])),
                name="shop_holiday_rule_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(("step_free__in", ["", "yes", "limited", "no"])),
                name="shop_step_free_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("location_source__in", ["", "merchant", "town_hall", "geocoder", "import"])
                ),
                name="shop_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "location_precision__in",
                        ["", "exact", "housenumber", "street", "locality", "municipality"],
                    )
                ),
                name="shop_precision_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_as__in", ["", "merchant", "town_hall", "town_hall_phone"])
                ),
                name="shop_confirmer_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source_id", ""), models.Q(("source", ""), _negated=True), _connector="OR"
                ),
                name="shop_source_id_needs_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceoption",
            constraint=models.UniqueConstraint(
                fields=("shop", "kind"), name="service_once_per_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["livraison", "retrait", "emporter", "telephone", "rendez-vous"])
                ),
                name="service_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "livraison"),
                    models.Q(("area", ""), ("fee", None), ("minimum_order", None)),
                    _connector="OR",
                ),
                name="service_delivery_details",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceoption",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "retrait"), ("pickup_place", ""), _connector="OR"),
                name="service_pickup_details",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("minimum_order", None), ("minimum_order__gte", 0), _connector="OR"),
                    models.Q(("fee", None), ("fee__gte", 0), _connector="OR"),
                ),
                name="service_amounts_positive",
            ),
        ),
        migrations.AddIndex(
            model_name="specialperiod",
            index=models.Index(fields=["end", "start"], name="special_dates"),
        ),
        migrations.AddConstraint(
            model_name="specialperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("start__lte", models.F("end"))), name="special_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="specialperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["closed", "hours", "unknown"])),
                name="special_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialperiod",
            constraint=models.UniqueConstraint(
                fields=("shop", "start"), name="special_once_per_start"
            ),
        ),
        migrations.AddIndex(
            model_name="openingperiod",
            index=models.Index(fields=["shop", "weekday"], name="period_shop_weekday"),
        ),
        migrations.AddIndex(
            model_name="openingperiod",
            index=models.Index(fields=["special"], name="period_special"),
        ),
        migrations.AddConstraint(
            model_name="openingperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closes__gt", models.F("opens")),
                    (
                        "closes__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opens"), "+", models.Value(1440)
                        ),
                    ),
                    ("opens__lt", 1440),
                ),
                name="period_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="period_weekday"
            ),
        ),
    ]
