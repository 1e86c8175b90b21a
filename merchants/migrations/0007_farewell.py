from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0006_proposals"),
    ]

    operations = [
        migrations.AddField(
            model_name="shop",
            name="closed_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="fermé définitivement le"
            ),
        ),
        migrations.AddField(
            model_name="shop",
            name="farewell",
            field=models.TextField(blank=True, max_length=600, verbose_name="mot d’adieu"),
        ),
        migrations.AddField(
            model_name="shop",
            name="successor",
            field=models.CharField(
                blank=True, max_length=200, verbose_name="successeur ou nouvelle adresse"
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "closed"),
                    models.Q(("closed_at", None), ("farewell", ""), ("successor", "")),
                    _connector="OR",
                ),
                name="shop_farewell_when_closed",
            ),
        ),
    ]
