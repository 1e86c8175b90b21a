import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0002_shop_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoryEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="date")),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("merchant", "le commerçant"),
                            ("colleague", "un collègue"),
                            ("helper", "un aidant"),
                            ("town_hall", "la mairie"),
                            ("import", "un import"),
                            ("system", "le site"),
                        ],
                        max_length=10,
                        verbose_name="en qualité de",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("create", "Fiche créée"),
                            ("edit", "Fiche modifiée"),
                            ("closure", "Fermeture ou congés annoncés"),
                            ("closure_removed", "Fermeture ou congés retirés"),
                            ("import", "Fiche importée"),
                            ("confirm", "Fiche confirmée"),
                            ("submit", "Publication demandée"),
                            ("publish", "Fiche publiée"),
                            ("refuse", "Publication refusée"),
                            ("suspend", "Fiche suspendue"),
                            ("reopen", "Commerce rouvert"),
                            ("close", "Fermeture définitive"),
                            ("propose", "Modification proposée à la mairie"),
                            ("accept", "Proposition acceptée"),
                            ("refuse_proposal", "Proposition refusée"),
                            ("withdraw", "Proposition retirée"),
                            ("invite", "Invitation envoyée"),
                            ("uninvite", "Invitation annulée"),
                            ("join", "Arrivée d’une personne"),
                            ("leave", "Départ d’une personne"),
                            ("role", "Changement de rôle"),
                        ],
                        max_length=16,
                        verbose_name="action",
                    ),
                ),
                (
                    "changes",
                    models.JSONField(blank=True, default=dict, verbose_name="modifications"),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="motif")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="remarque")),
                ("version", models.PositiveBigIntegerField(editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="history",
                        to="merchants.shop",
                        verbose_name="commerce",
                    ),
                ),
            ],
            options={
                "verbose_name": "ligne d’historique",
                "verbose_name_plural": "historique",
                "ordering": ["-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "version"), name="history_one_per_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "capacity__in",
                                [
                                    "merchant",
                                    "colleague",
                                    "helper",
                                    "town_hall",
                                    "import",
                                    "system",
                                ],
                            )
                        ),
                        name="history_capacity",
                    ),
                ],
            },
        ),
    ]
