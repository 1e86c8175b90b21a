import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0004_members"),
    ]

    operations = [
        migrations.CreateModel(
            name="CommuneRole",
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
                        choices=[
                            ("helper", "aidant"),
                            ("agent", "agent"),
                            ("referent", "référent"),
                        ],
                        max_length=10,
                        verbose_name="rôle",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="depuis")),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="merchants.commune",
                        verbose_name="commune",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commune_roles",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "rôle dans une commune",
                "verbose_name_plural": "rôles dans les communes",
                "ordering": ["commune", "role", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "commune"),
                        name="role_once_per_commune",
                        violation_error_message="Cette personne a déjà un rôle dans cette commune.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["helper", "agent", "referent"])),
                        name="role_known",
                    ),
                ],
            },
        ),
    ]
