"""The menu of the back office: pages and lists by what one wants to do, in plain words.

It stands in the place of Django's list of applications, and in its form, so that whatever of
Django's shows that list shows this one.
"""

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .pages import PAGES, communes_of

# Pages by their name, lists by that of their model. What stands nowhere comes last in ELSEWHERE.
GROUPS = [
    ("todo", _("À faire"), ["cases", "reports", "merchants.claim", "merchants.proposal"]),
    ("shops", _("Commerces"), ["merchants.shop", "imports", "invitations"]),
    ("true", _("Rester juste"), ["calls", "sirene", "twins"]),
    ("say", _("Faire savoir"), ["printed_directory", "figures", "post_office.email"]),
    (
        "settings",
        _("Réglages"),
        [
            "settings",
            "team",
            "reasons",
            "merchants.category",
            "merchants.commune",
            "merchants.user",
            "merchants.communerole",
        ],
    ),
]
ELSEWHERE = "shops"
# What an entry is called in the menu, where its own name is too long, says too little or is none.
TITLES = {
    "cases": _("Dossiers à traiter"),
    "merchants.shop": _("Toutes les fiches"),
    "merchants.claim": _("Demandes «\u00a0C’est mon commerce\u00a0»"),
    "merchants.proposal": _("Modifications proposées"),
    "post_office.email": _("Courriels envoyés"),
    "merchants.communerole": _("Équipes de toutes les communes"),
}


def menu(request, apps: dict) -> list[dict]:
    """Groups with what this person may open, in order; `apps` is Django's own list."""
    found = {}
    for app in apps.values():
        for model in app["models"]:
            label = f"{app['app_label']}.{model['object_name'].lower()}"
            name = TITLES.get(label) or capfirst(model["name"])
            found[label] = model | {"name": name, "help": ""}
    for page in PAGES:
        title = TITLES.get(page.name) or page.title
        if title and _opens(request, page):
            found[page.name] = _entry(page, title)
    places = {name: key for key, _title, names in GROUPS for name in names}
    groups = [
        _group(key, title, entries)
        for key, title, names in GROUPS
        if (entries := _ordered(found, key, names, places))
    ]
    _mark_current(request.path, found.values())
    return groups


def _opens(request, page) -> bool:
    allowed = communes_of(request, referents_only=page.referents_only)
    return allowed is None or bool(allowed)


def _entry(page, title: object) -> dict:
    return {
        "name": title,
        "help": page.help,
        "object_name": page.name,
        "admin_url": reverse(f"admin:{page.name}"),
        "add_url": None,
        "view_only": True,
    }


def _ordered(found: dict, key: str, names: list[str], places: dict) -> list[dict]:
    mine = [found[name] for name in names if name in found]
    if key == ELSEWHERE:
        mine += [entry for name, entry in found.items() if name not in places]
    return mine


def _group(key: str, title: object, entries: list[dict]) -> dict:
    home = reverse("admin:index")
    return {"name": title, "app_label": key, "app_url": home, "models": entries}


def _mark_current(path: str, entries) -> None:
    """Of pages inside each other, the inner one."""
    around = [e for e in entries if e["admin_url"] and path.startswith(e["admin_url"])]
    inner = max(around, key=lambda entry: len(entry["admin_url"]), default=None)
    for entry in entries:
        entry["current"] = entry is inner
