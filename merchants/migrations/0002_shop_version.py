from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="shop",
            name="version",
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
    ]
