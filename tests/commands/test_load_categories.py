import pytest
from django.core.management import CommandError

from merchants.models import Category

pytestmark = pytest.mark.django_db


def test_loads_once(run):
    said = run("load_categories")
    count = Category.objects.count()
    assert f"{count} créées, 0 mises à jour, 0 inchangées" in said
    assert f"0 créées, 0 mises à jour, {count} inchangées" in run("load_categories")
    bakery = Category.objects.get(slug="boulangerie")
    assert "shop=bakery" in bakery.osm_tags
    assert "boulangerie" in bakery.labels


@pytest.mark.parametrize("content", ["3", '[{"slug": "x"}]', "["])
def test_another_file_is_refused(run, tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=r"Le fichier a\.json"):
        run("load_categories", path)
    assert not Category.objects.exists()
