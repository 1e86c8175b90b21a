"""Reading `fixtures/categories.json` and `fixtures/not_shops.json`."""

from pathlib import Path

from django.conf import settings

from merchants.workflow.categories import CategoryValues

from .files import ImportFileError, read_json

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


def read_categories(path: Path | None = None) -> tuple[CategoryValues, ...]:
    """The groups with their categories. Raises ImportFileError."""
    path = path or FIXTURES / "categories.json"
    try:
        return tuple(_values(group) for group in read_json(path))
    except (KeyError, TypeError, AttributeError) as error:
        raise ImportFileError(f"Le fichier {path.name} ne décrit pas des catégories.") from error


def _values(row: dict) -> CategoryValues:
    keywords = row.get("keywords", "")
    return CategoryValues(
        slug=row["slug"],
        name=row["name"],
        name_en=row["name_en"],
        icon=row["icon"],
        keywords=keywords if isinstance(keywords, str) else ", ".join(keywords),
        osm_tags=tuple(row.get("osm_tags", ())),
        naf_codes=tuple(row.get("naf_codes", ())),
        labels=tuple(row.get("labels", ())),
        children=tuple(map(_values, row.get("children", ()))),
    )
