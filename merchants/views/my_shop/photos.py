"""The photos of a listing: one page, in « Mon commerce » and in a registration.

What is done stands in the button: `add`, `describe:<key>`, `remove:<key>` (which asks first),
`removed:<key>`, or in `order` all keys as they shall stand. Every page without a script.
"""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.photo import PhotoForm, too_heavy
from merchants.models import Photo, Shop
from merchants.models.commune import EditPolicy
from merchants.models.history import Action
from merchants.photos import MOST_BYTES
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.editing import done, page
from merchants.workflow import WorkflowError
from merchants.workflow.history import already_done
from merchants.workflow.photos import (
    LONGEST_ALT,
    MOST_PHOTOS,
    add_photo,
    describe_photo,
    order_photos,
    remove_photo,
)


class Gallery:
    """The photos as the page shows them, with what was just typed and what was wrong with it."""

    def __init__(self, shop: Shop):
        self.shop = shop
        self.form = PhotoForm()
        self.error = ""
        self.alts: dict[int, str] = {}  # As typed, where it could not be kept.
        self.alt_errors: dict[int, str] = {}

    def rows(self, photos: list[Photo]) -> list[dict]:
        keys = [photo.pk for photo in photos]
        return [
            {
                "photo": photo,
                "number": at + 1,
                "alt": self.alts.get(photo.pk, photo.alt),
                "error": self.alt_errors.get(photo.pk, ""),
                "first": _order(keys, at, 0) if at > 0 else "",
                "earlier": _order(keys, at, at - 1) if at > 0 else "",
                "later": _order(keys, at, at + 1) if at + 1 < len(keys) else "",
            }
            for at, photo in enumerate(photos)
        ]

    @property
    def context(self) -> dict:
        # Read anew: somebody may have changed them since.
        photos = list(Photo.objects.filter(shop=self.shop))
        return {
            "rows": self.rows(photos),
            "left": max(MOST_PHOTOS - len(photos), 0),
            "most": MOST_PHOTOS,
            "longest_alt": LONGEST_ALT,
            "form": self.form,
            "errors": [self.error] if self.error else [],
            "most_bytes": MOST_BYTES,
            "too_heavy": too_heavy(),
            "despite_policy": self.shop.commune.edit_policy == EditPolicy.VALIDATION,
        }


def photos(request, *, shop, member):
    gallery = Gallery(shop)
    if request.method == "POST" and (answer := act(request, gallery, ("my_shop_photos", shop.pk))):
        return answer
    return page(request, shop, "photos", **gallery.context)


def act(request, gallery: Gallery, back: tuple) -> HttpResponse | None:
    """Does what the button says and goes back; None leaves what is wrong in the gallery."""
    shop = gallery.shop
    what, _colon, text = request.POST.get("do", "").partition(":")
    if "order" in request.POST:
        return _try(request, gallery, back, _put_in_order)
    if what == "add":
        return add(request, gallery, back)
    photo = shop.photos.filter(pk=int(text)).first() if _is_key(text) else None
    if photo is None:
        return _gone(request, gallery, back, what)
    if what == "remove":
        return page(request, shop, "photo", photo=photo, back=request.path)
    if what == "removed":
        return _try(request, gallery, back, _remove, photo)
    if what == "describe":
        return _describe(request, gallery, back, photo)
    return None


def _try(request, gallery: Gallery, back: tuple, write: Callable[..., str], *values):
    try:
        sentence = write(request, gallery.shop, *values)
    except WorkflowError as error:
        gallery.error = str(error)
        return None
    return done(request, sentence, *back)


def add(request, gallery: Gallery, back: tuple) -> HttpResponse | None:
    """Adds the photo that was chosen and goes back; None leaves what is wrong in the gallery."""
    form = gallery.form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return None
    values = form.cleaned_data
    try:
        add_photo(
            gallery.shop, values["file"], alt=values["alt"], by=request.user, now=timezone.now()
        )
    except WorkflowError as error:
        # The file cannot be given back to the form: it has to be chosen anew.
        form.add_error("file", str(error))
        return None
    return done(request, _("La photo est ajoutée."), *back)


def _describe(request, gallery: Gallery, back: tuple, photo: Photo) -> HttpResponse | None:
    alt = request.POST.get(f"alt-{photo.pk}", "")
    try:
        describe_photo(
            photo,
            alt=alt,
            by=request.user,
            now=timezone.now(),
            seen=request.POST.get(f"seen-{photo.pk}"),
        )
    except WorkflowError as error:
        gallery.alts[photo.pk] = alt
        gallery.alt_errors[photo.pk] = str(error)
        return None
    return done(request, _("La description est enregistrée."), *back)


def _put_in_order(request, shop: Shop) -> str:
    keys = [int(key) for key in request.POST["order"].split(",") if _is_key(key)]
    order_photos(shop, keys, by=request.user, now=timezone.now())
    return _("Les photos sont dans le nouvel ordre.")


def _remove(request, shop: Shop, photo: Photo) -> str:
    remove_photo(photo, by=request.user, now=timezone.now())
    return _("La photo est retirée.")


def _gone(request, gallery: Gallery, back: tuple, what: str) -> HttpResponse | None:
    """The photo that the button names is not there any more."""
    version = posted_version(request)
    if what == "removed" and already_done(
        gallery.shop, Action.EDIT, by=request.user, version=version
    ):
        return done(request, _("La photo est retirée."), *back)
    if what in {"remove", "removed", "describe"}:
        gallery.error = _("Cette photo n’est plus là\u00a0: quelqu’un vient de la retirer.")
    return None


def _order(keys: list[int], at: int, to: int) -> str:
    """All keys, the one at that place moved to another."""
    moved = [*keys[:at], *keys[at + 1 :]]
    moved.insert(to, keys[at])
    return ",".join(map(str, moved))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
