import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0003_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="adresse électronique")),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "responsable"), ("colleague", "collègue")],
                        default="colleague",
                        max_length=10,
                        verbose_name="rôle",
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("invited_at", models.DateTimeField(verbose_name="envoyée le")),
                ("expires_at", models.DateTimeField(verbose_name="valable jusqu’au")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="acceptée le"),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invité par",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="merchants.shop",
                        verbose_name="commerce",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "ordering": ["-invited_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("shop"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("accepted_at", None)),
                        name="invitation_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("invited_at"))),
                        name="invitation_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "colleague"])),
                        name="invitation_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "responsable"), ("colleague", "collègue")],
                        default="colleague",
                        max_length=10,
                        verbose_name="rôle",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="depuis")),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="merchants.shop",
                        verbose_name="commerce",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "personne d’un commerce",
                "verbose_name_plural": "personnes des commerces",
                "ordering": ["-role", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "user"),
                        name="member_once_per_shop",
                        violation_error_message="Cette personne s’occupe déjà de ce commerce.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "colleague"])), name="member_role"
                    ),
                ],
            },
        ),
    ]
