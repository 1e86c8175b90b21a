"""Helpers: the shared data folder, weeks written in a table, and the reference evaluator."""

import csv
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import opening_hours as evaluator
import pytest

from merchants.opening_hours import Period, Schedule

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("COMMERCE_LOCAL_SHARED_DATA") or ROOT.parent / "shared" / "data")
PARIS = ZoneInfo("Europe/Paris")
WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


def shared_file(name: str) -> Path:
    """A file of the shared data; the test is skipped where the folder is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"shared data absent: {path} (set COMMERCE_LOCAL_SHARED_DATA)")
    return path


def tsv(name: str) -> list[dict[str, str]]:
    """The rows of a shared TSV file; quotes are part of the values."""
    with shared_file(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def geojson_hours(name: str) -> list[str]:
    """The opening_hours of a shared GeoJSON file."""
    features = json.loads(shared_file(name).read_text(encoding="utf-8"))["features"]
    values = [feature["properties"].get("opening_hours") for feature in features]
    return [value for value in values if value]


def week(table: dict[str, str], *, by_appointment: bool = False) -> tuple[Period, ...]:
    """Rows from {"Mo-Fr": "9:00-12:30 14:00-19:00"}; 26:00 is two in the morning."""
    rows = []
    for days, spans in table.items():
        first, _, last = days.partition("-")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        for weekday in range(begin, end + 1):
            for span in spans.split():
                opens, closes = (
                    int(clock.split(":")[0]) * 60 + int(clock.split(":")[1])
                    for clock in span.split("-")
                )
                rows.append(Period(weekday, opens, closes, by_appointment))
    return tuple(rows)


def local(text: str, zone: str = "Europe/Paris") -> datetime:
    """An aware datetime from "2026-05-01 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


class Reference:
    """The evaluator of opening-hours-rs, answering with our words."""

    def __init__(self, text: str, zone: str = "Europe/Paris"):
        self.zone = ZoneInfo(zone)
        self.hours = evaluator.OpeningHours(
            text, country="FR", timezone=self.zone, auto_country=False, auto_timezone=False
        )

    def state(self, at: datetime) -> str:
        state, _comment = self.hours.state(at.astimezone(self.zone))
        return str(state).rpartition(".")[2].lower()


def agreed(schedule: Schedule, text: str, instants) -> None:
    """Assert that a schedule and a value say the same at every instant."""
    reference = Reference(text, schedule.timezone)
    for at in instants:
        assert schedule.state(at).value == reference.state(at), (text, at)


def spread(first: date, days: int, count: int):
    """`count` instants over `days` days, at odd minutes so that every hour is met."""
    start = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    step = timedelta(days=days) / count
    return [
        (start + step * i + timedelta(minutes=(i * 97) % 1440)).replace(second=0, microsecond=0)
        for i in range(count)
        if (step * i + timedelta(days=2)).days < days
    ]
