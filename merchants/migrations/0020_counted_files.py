from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("merchants", "0019_imports_said_before")]

    operations = [
        migrations.CreateModel(
            name="CountedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
