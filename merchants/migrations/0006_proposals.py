import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0005_commune_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="commune",
            name="edit_policy",
            field=models.CharField(
                choices=[
                    ("live", "nom, adresse, catégorie et SIRET seulement"),
                    ("validation", "toutes les modifications, sauf les fermetures"),
                ],
                default="live",
                max_length=10,
                verbose_name="à valider par la mairie",
            ),
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="proposée le")),
                ("changes", models.JSONField(verbose_name="modifications")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "en attente"),
                            ("accepted", "acceptée"),
                            ("refused", "refusée"),
                            ("withdrawn", "retirée"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=500, verbose_name="motif du refus"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="décidée le"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposée par",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="décidée par",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="merchants.shop",
                        verbose_name="commerce",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposition",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["status", "at"], name="proposal_status")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "pending")),
                        fields=("shop",),
                        name="proposal_one_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("status", "pending")
                            ),
                            models.Q(
                                ("status__in", ["accepted", "withdrawn"]),
                                ("decided_at__isnull", False),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("status", "refused"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_decision_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "refused"), ("reason", ""), _connector="OR"),
                        name="proposal_reason_of_refusal",
                    ),
                ],
            },
        ),
    ]
