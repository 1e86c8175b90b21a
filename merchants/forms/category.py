"""Choosing what a shop sells or does: by ordinary words, or from the whole list.

The words of a question are compared as those of a search for shops (`merchants.text`); here the
feminine of a trade finds its masculine too. static/js/category.js does the same, live.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import Category
from merchants.opendata.names import trade_of
from merchants.text import STOP_WORDS, index_text, normalise, search_prefixes
from merchants.workflow.values import Listing

MOST_OTHERS = 2  # Further categories.
MOST_FOUND = 8
LONGEST_QUESTION = 80

# What people say around the word that tells: "je suis marchande de fleurs".
AROUND = STOP_WORDS | frozenset(
    "artisan artisane boutique commerce commercant commercante fais j je magasin marchand "
    "marchande suis vendeur vendeuse vends vente".split()
)
# The end of a word, and what is looked for in its place: "coiffeuse", "bouchère", "décoratrice",
# "opticienne", "avocate" find the masculine; "journal" finds "journaux".
ENDINGS = {"euse": "eu", "ere": "er", "trice": "t", "ienne": "ien", "ate": "at", "al": "a"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A category that may be chosen: its name, and all words, as `index_text` writes them."""

    slug: str
    label: str
    names: str
    words: str

    @classmethod
    def of(cls, category: Category) -> "Choice":
        names = (category.name, category.name_en)
        return cls(
            category.slug,
            category.label,
            index_text(*names) + " ",
            index_text(*names, category.keywords, *category.labels) + " ",
        )


def stems(question: str) -> list[str]:
    """The beginnings of words that a category must all have, each with a space before it."""
    words = normalise(question).split()
    telling = [word for word in words if word not in AROUND] or words
    return [_stem(search_prefixes(word)[0]) for word in telling]


def found(question: str, choices: list[Choice]) -> list[Choice]:
    """The choices that answer, the best first.

    A whole word is better than the beginning of one, a word of the name than one of the others,
    and of these the first is said before the last.
    """
    asked = stems(question)
    ranked = [(rank, choice) for choice in choices if (rank := _rank(asked, choice))]
    ranked.sort(key=lambda pair: pair[0])
    return [choice for _rank, choice in ranked][:MOST_FOUND]


def _stem(prefix: str) -> str:
    for ending, kept in ENDINGS.items():
        if prefix.endswith(ending) and len(prefix) > len(ending) + 3:
            return prefix.removesuffix(ending) + kept
    return prefix


def _rank(asked: list[str], choice: Choice) -> tuple[int, int] | None:
    if not asked or not all(stem in choice.words for stem in asked):
        return None
    if _whole(asked, choice.names):
        kind = 0
    elif _whole(asked, choice.words):
        kind = 1
    else:
        kind = 2 if all(stem in choice.names for stem in asked) else 3
    return kind, max(choice.words.index(stem) for stem in asked)


def _whole(asked: list[str], text: str) -> bool:
    return all(any(f"{stem}{end} " in text for end in ("", "s", "x")) for stem in asked)


@dataclass(frozen=True, slots=True)
class Radio:
    """One line of the list: a choice, whether it is the chosen one, or stands above already."""

    slug: str
    label: str
    checked: bool
    above: bool = False


class CategoryFields(forms.Form):
    """What forms of a listing have for its categories; to stand before `ListingForm`."""

    main_category = forms.ChoiceField(
        label=gettext_lazy("Activité principale"),
        error_messages={"required": gettext_lazy("Choisissez une activité dans la liste.")},
    )

    def __init__(self, data=None, *, listing: Listing):
        super().__init__(data, listing=listing)
        leaves = Category.objects.leaves().offered_in(listing.commune).select_related("parent")
        self.leaves = sorted(
            leaves, key=lambda c: (c.parent.position, c.parent.pk, c.position, c.pk)
        )
        self.categories = {category.slug: category for category in self.leaves}
        held = [category for category in listing.categories if category != listing.main_category]
        for category in filter(None, (listing.main_category, *held)):
            # An imported listing may stand in a group, which no list offers; another one, in what
            # its town no longer offers.
            self.categories.setdefault(category.slug, category)
        groups = [
            (group.label, [(category.slug, category.label) for category in several])
            for group, several in self.by_group()
        ]
        known = {category.slug for category in self.leaves}
        strays = [(s, c.label) for s, c in self.categories.items() if s not in known]
        self.fields["main_category"].choices = [*strays, *groups]
        for index in range(max(MOST_OTHERS, len(held))):
            self.fields[f"other_{index}"] = forms.ChoiceField(
                label=_("Autre activité"),
                required=False,
                choices=[("", _("aucune")), *strays, *groups],
            )
            if index < len(held):
                self.initial[f"other_{index}"] = held[index].slug

    def by_group(self):
        return groupby(self.leaves, key=lambda category: category.parent)

    def shown(self, listing):
        main = listing.main_category.slug if listing.main_category else ""
        return super().shown(listing) | {"main_category": main}

    @property
    def others(self) -> list:
        return [self[name] for name in self.fields if name.startswith("other_")]

    @property
    def changes(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        others = [values.pop(name) for name in list(values) if name.startswith("other_")]
        main = self.categories.get(values.pop("main_category"))
        several = [main, *(self.categories[slug] for slug in others if slug)]
        categories = tuple(dict.fromkeys(filter(None, several)))
        return values | {"main_category": main, "categories": categories}


class CategorySearch(CategoryFields):
    """The same, with a question and the lines that answer it: templates/.../_category.html."""

    def __init__(self, data=None, *, listing: Listing):
        super().__init__(data, listing=listing)
        self.fields["question"] = forms.CharField(
            label=_("Que vendez-vous, que faites-vous\u202f?"),
            required=False,
            max_length=LONGEST_QUESTION,
            help_text=_(
                "Un mot suffit\u00a0: «\u00a0pain\u00a0», «\u00a0coiffeuse\u00a0», "
                "«\u00a0plombier\u00a0»."
            ),
            widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        )

    @property
    def searches(self) -> bool:
        """Whether the page was sent to search: by the button, or by the Enter key in the field.

        A question that the page has not answered yet counts, unless something else was chosen.
        """
        if not self.is_bound:
            return False
        if self.data.get("do") == "search":
            return True
        held = self.initial["main_category"]
        return (
            self.asked.strip() != self.data.get("answered", "").strip()
            and bool(self.asked.strip())
            and self.chosen in {"", held}
        )

    @cached_property
    def searched(self) -> dict[str, Choice]:
        return {slug: Choice.of(category) for slug, category in self.categories.items()}

    @property
    def asked(self) -> str:
        return (self["question"].value() or "")[:LONGEST_QUESTION]

    @property
    def chosen(self) -> str:
        return self["main_category"].value() or ""

    @property
    def radios(self) -> list[Radio]:
        """The chosen one, then those that answer; before a question, what the name suggests."""
        choices = list(self.searched.values())
        if self.asked:
            first = found(self.asked, choices)
        else:
            slug, _reason = trade_of(self.listing.name)
            first = [choice for choice in choices if choice.slug == slug and not self.chosen]
        mine = [choice for choice in choices if choice.slug == self.chosen]
        return [self._radio(c.slug, c.label) for c in dict.fromkeys([*mine, *first])]

    @property
    def groups(self) -> list[tuple[str, list[Radio]]]:
        """All lines, by group; those that stand above are only kept a place."""
        shown = {radio.slug for radio in self.radios}
        return [
            (group.label, [self._radio(c.slug, c.label, c.slug in shown) for c in several])
            for group, several in self.by_group()
        ]

    @property
    def has_others(self) -> bool:
        return any(other.value() for other in self.others)

    @property
    def finds_nothing(self) -> bool:
        return bool(self.asked) and not found(self.asked, list(self.searched.values()))

    @property
    def data_for_script(self) -> dict:
        choices = [self.searched[category.slug] for category in self.leaves]
        return {
            "around": sorted(AROUND),
            "endings": ENDINGS,
            "most": MOST_FOUND,
            "choices": [[choice.slug, choice.names, choice.words] for choice in choices],
        }

    @property
    def changes(self):
        values = super().changes
        del values["question"]
        return values

    def _radio(self, slug: str, label: str, above: bool = False) -> Radio:
        return Radio(slug, label, slug == self.chosen, above)
