import csv
import io
from datetime import date
from pathlib import Path

import pytest

from merchants.models import Commune
from merchants.opendata.category_files import read_categories
from merchants.opendata.category_index import CategoryIndex
from merchants.opendata.mapping import Mapped, Mapper
from merchants.opendata.places import Forced
from merchants.opendata.readers import SourceRow
from merchants.workflow.categories import save_categories
from tests.factories import make_commune


@pytest.fixture
def categories(db, now) -> CategoryIndex:
    save_categories(read_categories(), by=None, now=now)
    return CategoryIndex()


@pytest.fixture
def commune(db) -> Commune:
    return make_commune(insee_code="92073")


@pytest.fixture
def map_row(categories, commune, now):
    """`map_row("csv", nom="…")` is that line mapped, in Suresnes."""

    def map_row(format: str, /, keep_unknown: bool = False, **values: str) -> Mapped:
        mapper = Mapper(
            format=format,
            source="osm" if format.startswith("osm") else format,
            categories=categories,
            places=Forced(commune),
            today=now.date(),
            keep_unknown=keep_unknown,
        )
        return mapper.map(SourceRow(2, "x", values))

    return map_row


@pytest.fixture
def today(now) -> date:
    return now.date()


@pytest.fixture
def write_csv(tmp_path):
    """`write_csv(rows)` is the path of a CSV of these dictionaries."""

    def write_csv(rows: list[dict], name: str = "commerces.csv", encoding: str = "utf-8") -> Path:
        text = io.StringIO()
        titles = list(dict.fromkeys(title for row in rows for title in row))
        writer = csv.DictWriter(text, titles, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write_csv
