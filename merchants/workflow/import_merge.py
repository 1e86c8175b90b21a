"""A newer file on a listing in which people may have written: which values are whose.

Three sides: what the source said last (`ImportedValues`), what it says now, and what stands in the
listing. See docs/decisions/0007-imports.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from merchants.models import Commune
from merchants.models.history import Action
from merchants.opening_hours import Schedule

from .values import TEXTS, Changes, Listing, Plain, plain

# What goes together or not at all: half an address is none.
_TOGETHER = (
    ("point", "location_source", "location_precision"),
    ("house_number", "street", "postcode", "city"),
    ("main_category", "categories"),
)
_GROUP_OF = {name: group for group in _TOGETHER for name in group}
_HOURS = {"hours": "weekly", "holiday_rule": "holiday_rule", "specials": "specials"}
BY_IMPORT = {Action.IMPORT, Action.IMPORT_UNDONE}


def said(listing: Listing) -> Plain:
    """What a source says, as `ImportedValues` keeps it: plain values, without the empty ones."""
    empty = _empty()
    return {name: value for name, value in told(listing).items() if value != empty.get(name, ...)}


def told(listing: Listing) -> Plain:
    """The plain values of a whole listing, services in one order."""
    values = plain(listing)
    values["services"] = sorted(values.get("services", ()), key=lambda service: service["kind"])
    return values


@cache
def _empty() -> Plain:
    nothing = Listing(
        commune=Commune(), name="", main_category=None, services=(), schedule=Schedule()
    )
    return told(nothing) | {"commune": None}


class Entry(NamedTuple):
    """What `HistoryEntry` says of one write."""

    action: str
    at: datetime
    changes: Changes


@dataclass(slots=True)
class Hands:
    """Which values of a listing are people's, and what the last import had written there."""

    is_kept: bool = False
    confirmed_at: datetime | None = None
    _by_hand: set[str] = field(default_factory=set)
    _before: dict[str, Any] = field(default_factory=dict)
    # By an import: all, or since somebody confirmed the listing.
    _imported: dict[str, datetime] = field(default_factory=dict)
    _is_confirmed: bool = False
    _first_at: datetime | None = None
    # An import made the listing.
    _is_files: bool = False

    @classmethod
    def of(
        cls, history: Iterable[Entry], *, is_kept: bool, confirmed_at: datetime | None
    ) -> "Hands":
        """From the whole history of a listing, the oldest entry first."""
        hands = cls(is_kept=is_kept, confirmed_at=confirmed_at)
        overwritten: set[str] = set()
        for number, (action, at, changes) in enumerate(history):
            if action == Action.IMPORT:
                hands._is_files |= number == 0
                hands._first_at = hands._first_at or at
                overwritten = hands._by_hand & changes.keys()
                hands._by_hand -= changes.keys()
                hands._imported |= dict.fromkeys(changes, at)
                for name in changes:
                    hands._before.pop(name, None)
            elif action == Action.IMPORT_UNDONE:
                hands._by_hand |= overwritten & changes.keys()
            else:
                hands._by_hand |= changes.keys()
                for name, (old, _new) in changes.items():
                    hands._before.setdefault(name, old)
                if action == Action.CONFIRM or at == confirmed_at:
                    hands._is_confirmed = True
                    hands._imported.clear()
        return hands

    def wrote(self, name: str) -> bool:
        """Whether a value is somebody's: written or confirmed since the last import of it, or of
        a listing that somebody keeps."""
        if self.is_kept or name in self._by_hand:
            return True
        if self.confirmed_at is None:
            return False
        if self._is_confirmed:
            return name not in self._imported
        # The file itself said so, or a hand that left no entry.
        imported = self._imported.get(name, self._first_at)
        return imported is None or self.confirmed_at > imported

    def is_files(self, name: str) -> bool:
        """Whether a value came from a file at all: with the listing, or since."""
        return self._is_files or name in self._imported

    def base(self, current: Plain) -> Plain:
        """What the last import left, where `ImportedValues` does not tell."""
        return current | self._before


@dataclass(frozen=True, slots=True)
class HandsOfBoth:
    """Of a line about a listing that was merged into another: whose are the values of that one?

    `current` is what the kept listing says, `base` what the source last said of the other. Where
    they differ, whoever merged the two has chosen; what never came from a file is somebody's too.
    """

    kept: Hands
    other: Hands
    current: Plain
    base: Plain

    def wrote(self, name: str) -> bool:
        chosen = self.current.get(name) != (_empty() | self.base).get(name)
        by_hand = self.kept.wrote(name) or self.other.wrote(name)
        return chosen or by_hand or not self.kept.is_files(name)


def compare(
    current: Plain, new: Plain, base: Mapping[str, Any], hands: Hands | HandsOfBoth
) -> tuple[Changes, Changes]:
    """What a newer file changes in a listing, and what somebody is to be asked about.

    What the file says as it did before (`base`) changes nothing, whatever has become of it here.
    """
    base = _empty() | base
    changed: Changes = {}
    asked: Changes = {}
    for name in new:
        group = _GROUP_OF.get(name, (name,))
        if group[0] != name or name == "commune":
            continue
        different = {
            each: [current.get(each), new[each]]
            for each in group
            if each in new and current.get(each) != new[each]
        }
        if not different or all(base.get(each) == new[each] for each in group if each in new):
            continue
        target = asked if any(map(hands.wrote, group)) else changed
        target.update(different)
    return changed, asked


def grouped(names: Iterable[str]) -> list[list[str]]:
    """The names, those together that go together."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_GROUP_OF.get(name, (name,))[0], []).append(name)
    return list(groups.values())


def merged(current: Listing, new: Listing, names: Iterable[str]) -> Listing:
    """The listing with these values of another one.

    What the two have in common is the same object in both: an import holds 100,000 of each.
    """
    names = list(names)
    values: dict[str, Any] = {
        name: getattr(new, name)
        for name in TEXTS
        if name not in names and getattr(current, name) == getattr(new, name)
    }
    hours = {}
    for name in names:
        if name in _HOURS:
            hours[_HOURS[name]] = getattr(new.schedule or Schedule(), _HOURS[name])
        elif name in ("main_category", "categories"):
            values |= {"main_category": new.main_category, "categories": new.categories}
        else:
            values[name] = getattr(new, name)
    if hours:
        values["schedule"] = replace(current.schedule or Schedule(), losses=(), **hours)
    return replace(current, **values)
