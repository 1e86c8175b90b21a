"""From the words of a file (OSM attributes, NAF codes, labels) to our categories."""

from dataclasses import dataclass, field

from merchants.models import Category
from merchants.text import normalise

from .category_files import FIXTURES
from .files import read_json
from .names import trade_of

OTHER = "autre-commerce"
# Verdicts that are remembered: a file calls few trades by many names.
MOST_KEPT = 5000


@dataclass(slots=True)
class Verdict:
    """Categories, most telling first; or the reason why the line is no shop; or neither."""

    categories: list[Category] = field(default_factory=list)
    reason: str = ""
    unknown: list[str] = field(default_factory=list)


class CategoryIndex:
    """All categories of the database, read once."""

    def __init__(self):
        leaves = list(Category.objects.leaves().select_related("parent"))
        self.by_slug = {category.slug: category for category in leaves}
        self.other = self.by_slug.get(OTHER)
        self._tags = _lookup(leaves, lambda c: c.osm_tags)
        self._naf = _lookup(leaves, lambda c: map(_naf, c.naf_codes))
        labels = _lookup(leaves, lambda c: map(normalise, c.labels))
        names = _lookup(leaves, lambda c: map(normalise, (c.slug, c.name, c.name_en)))
        self._labels = labels | names
        refused = read_json(FIXTURES / "not_shops.json")
        self._not_tags = {row["tag"]: row["reason"] for row in refused["osm_tags"]}
        self._not_labels = {normalise(row["label"]): row["reason"] for row in refused["labels"]}
        self._verdicts: dict[str, Verdict] = {}

    def of_tags(self, tags: list[str]) -> Verdict:
        """Of OSM attributes ("shop=bakery"), in the order in which they count.

        An empty place ("shop=vacant") is none whatever else is said; otherwise one attribute
        that is a shop is enough, and the doctor beside it does not count.
        """
        verdict = Verdict()
        for tag in tags:
            if tag.startswith("shop=") and tag in self._not_tags:
                verdict.reason = self._not_tags[tag]
                return verdict
            self._add(verdict, self._tags.get(tag), tag)
        if not verdict.categories:
            verdict.reason = next(
                (self._not_tags[tag] for tag in tags if tag in self._not_tags), ""
            )
        return verdict

    def of_label(self, label: str) -> Verdict:
        """Of what a file calls the trade, in French; several may be separated by ; or |.

        The same verdict for the same words: it is to be read only.
        """
        if label not in self._verdicts:
            if len(self._verdicts) > MOST_KEPT:
                self._verdicts.clear()
            self._verdicts[label] = self._of_label(label)
        return self._verdicts[label]

    def _of_label(self, label: str) -> Verdict:
        verdict = Verdict()
        for part in (label, *label.replace("|", ";").split(";")):
            words = normalise(part)
            if not words:
                continue
            found = self._labels.get(words)
            if found is None and words in self._not_labels:
                verdict.reason = verdict.reason or self._not_labels[words]
                continue
            self._add(verdict, found, part.strip())
        if verdict.categories:
            verdict.unknown = [part for part in verdict.unknown if part != label.strip()]
            verdict.reason = ""
        elif not verdict.reason:
            guessed = self.of_name(label)
            if guessed.categories:
                verdict.categories = guessed.categories
        return verdict

    def of_naf(self, code: str) -> Verdict:
        """Of an activity code of INSEE's NAF rev. 2, with or without the point."""
        verdict = Verdict()
        self._add(verdict, self._naf.get(_naf(code)), code)
        return verdict

    def of_name(self, name: str) -> Verdict:
        """Of a shop's own name, for files that do not tell the trade."""
        slug, reason = trade_of(name)
        verdict = Verdict(reason=reason)
        if slug in self.by_slug:
            verdict.categories.append(self.by_slug[slug])
        return verdict

    @staticmethod
    def _add(verdict: Verdict, found: Category | None, words: str) -> None:
        if found is None:
            verdict.unknown.append(words)
        elif found not in verdict.categories:
            verdict.categories.append(found)


def _lookup(categories, words_of) -> dict[str, Category]:
    found: dict[str, Category] = {}
    for category in categories:
        for words in words_of(category):
            found.setdefault(words, category)
    return found


def _naf(code: str) -> str:
    return code.replace(".", "").strip().upper()
