"""People around one shop, and what they hold: for the tests of claims and codes."""

import re
from datetime import datetime
from html import unescape
from io import BytesIO
from pathlib import Path

from merchants.models import Claim, Shop, User
from merchants.models.claim import ClaimProof, CodeChannel
from merchants.models.role import RoleKind
from merchants.workflow import claims, codes
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_commune, make_member, make_user

PDF = b"%PDF-1.7\n%fin"
JPEG = b"\xff\xd8\xff\xe0jpeg"
PNG = b"\x89PNG\r\n\x1a\npng"
ROLES = {"helper": RoleKind.HELPER, "agent": RoleKind.AGENT, "referent": RoleKind.REFERENT}


def make_person(kind: str, shop: Shop) -> User | None:
    """Somebody by what they are to the shop; "site" is nobody."""
    if kind == "site":
        return None
    if kind in {"owner", "colleague"}:
        return make_member(shop, role=kind)
    user = make_user(is_superuser=kind == "admin")
    if kind in ROLES:
        give_role(user, shop.commune, role=ROLES[kind], by=None, now=NOW)
    if kind == "agent elsewhere":
        give_role(user, make_commune("Garches"), role=RoleKind.AGENT, by=None, now=NOW)
    return user


def make_claim(shop: Shop, user: User | None = None, *, now: datetime = NOW, **values) -> Claim:
    """A claim that waits: by a code, handed over in the shop, unless it says otherwise."""
    values = {"proof": ClaimProof.CODE, "channel": CodeChannel.IN_PERSON} | values
    if values["proof"] != ClaimProof.CODE:
        values["channel"] = ""
    if values["proof"] == ClaimProof.DOCUMENT:
        values.setdefault("document", BytesIO(PDF))
    return claims.claim(shop, by=user or make_user(), now=now, **values)


def make_code(shop: Shop, *, now: datetime = NOW, **values) -> str:
    """A code of the site's own for that shop, handed over."""
    return codes.issue(shop, by=None, now=now, **{"channel": CodeChannel.IN_PERSON} | values)


def private_files_in(folder: Path, monkeypatch) -> Path:
    """Documents of claims go there, for a test."""
    storage = Claim._meta.get_field("document").storage
    monkeypatch.setitem(storage.__dict__, "base_location", str(folder))
    monkeypatch.setitem(storage.__dict__, "location", str(folder))
    return folder


def words(response) -> str:
    """What a page says, in plain spaces."""
    html = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(html))
