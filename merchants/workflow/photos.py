"""The photos of a listing: at most six, the first is the cover. Live at once, like closures.

The files are written before the rows are committed, and deleted after: at no moment does a page
name a file that is not there. What is decoded and how is the business of `merchants.photos`.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from merchants.models import Photo, Shop, ShopStatus, User
from merchants.models.history import Action, Capacity
from merchants.photos import MOST_BYTES, PhotoError, ProcessedPhoto, process

from .errors import Conflict, WorkflowError
from .history import adopt, held_by, mark_on_behalf, record

MOST_PHOTOS = 6
LONGEST_ALT = 200  # characters

logger = logging.getLogger(__name__)


def add_photo(shop: Shop, file: BinaryIO, *, alt: str, by: User | None, now: datetime) -> Photo:
    """Adds a photo after the others; the first one is the cover.

    Effects: WebP files under `photos/<random>/`, the photo, a history entry; the public pages are
    renewed. The same file with the same description, sent again, has no second effect: it is the
    photo that is there. Raises WorkflowError on a file that is no photo, on one that is there with
    another description, on a seventh, without a description, or where the files cannot be written.
    Begins and commits its own transaction, so that no file outlives one that failed: not to be
    called inside another.
    """
    alt = _checked_alt(alt)
    folder = f"photos/{_mark(shop, file)}"
    # Decoding takes up to a second: before the lock, and not at all for a seventh photo.
    if twin := _twin(shop.photos.all(), folder, alt):
        return twin
    _refuse_too_many(shop.photos.count())
    try:
        processed = process(file)
    except PhotoError as error:
        raise WorkflowError(str(error)) from error
    photo = Photo(
        shop=shop,
        stem=f"{folder}{secrets.token_hex(4)}/photo",
        widths=list(processed.files),
        width=processed.width,
        height=processed.height,
        alt=alt,
    )
    try:
        with _files_of(photo, processed), transaction.atomic(durable=True):
            held, capacity = held_by(shop, by)
            before = _photos(held)
            if twin := _twin(before, folder, alt):
                raise _SentTwice(twin)
            _refuse_too_many(len(before))
            photo.position = len(before)
            photo.save(force_insert=True)
            _record(held, before, capacity, note=_("Photo ajoutée"), by=by, now=now)
    except _SentTwice as error:
        return error.photo
    adopt(shop, held)
    return photo


def remove_photo(photo: Photo, *, by: User | None, now: datetime) -> Shop:
    """Takes a photo away; the next one becomes the cover if it was the first.

    Effects: the photo and its files, the positions of the others, a history entry; the public
    pages are renewed. Raises WorkflowError where somebody took it away before.
    """
    with transaction.atomic():
        held, capacity = held_by(photo.shop, by)
        before = _photos(held)
        removed = _find(before, photo)
        _write_order(other for other in before if other is not removed)
        removed.delete()
        _record(held, before, capacity, note=_("Photo retirée"), by=by, now=now)
        transaction.on_commit(partial(_delete_files, held.pk, _names(removed)), robust=True)
    return adopt(photo.shop, held)


def order_photos(shop: Shop, keys: Sequence[int], *, by: User | None, now: datetime) -> Shop:
    """Puts the photos in the order of these primary keys, all of the shop's, each once.

    Effects: the positions, a history entry; the public pages are renewed. Raises WorkflowError
    where somebody added or took away a photo meanwhile.
    """
    with transaction.atomic():
        held, capacity = held_by(shop, by)
        before = _photos(held)
        by_key = {photo.pk: photo for photo in before}
        if sorted(keys) != sorted(by_key):
            raise WorkflowError(_("Les photos ont changé entre-temps. Vérifiez-en l’ordre."))
        if list(keys) != list(by_key):
            _write_order(by_key[key] for key in keys)
            _record(held, before, capacity, note=_("Photos réordonnées"), by=by, now=now)
    return adopt(shop, held)


def describe_photo(
    photo: Photo, *, alt: str, by: User | None, now: datetime, seen: str | None = None
) -> Photo:
    """Says anew what a photo shows, for people who do not see it.

    Effects: the description, a history entry; the public pages are renewed. Raises WorkflowError
    on an empty or long description, or where somebody took the photo away; Conflict where it is
    not described as `seen` any more, the description that the page showed.
    """
    alt = _checked_alt(alt)
    with transaction.atomic():
        held, capacity = held_by(photo.shop, by)
        before = _photos(held)
        current = _find(before, photo)
        if seen is not None and current.alt not in {seen, alt}:
            raise Conflict(
                _(
                    "Cette photo a été décrite autrement entre-temps\u00a0: "
                    "«\u00a0%(theirs)s\u00a0». Enregistrez de nouveau pour garder "
                    "ce qui est écrit ici."
                )
                % {"theirs": current.alt},
                differences={"photos": [current.alt, alt]},
                version=held.version,
            )
        if current.alt != alt:
            Photo.objects.filter(pk=photo.pk).update(alt=alt)
            _record(held, before, capacity, note=_("Photo décrite"), by=by, now=now)
    adopt(photo.shop, held)
    photo.alt = alt
    return photo


# Rules -----------------------------------------------------------------------------------------


def forget_photos(held: Shop) -> None:
    """Part of the deletion of a listing: the files of its photos go once that is committed."""
    for photo in _photos(held):
        transaction.on_commit(partial(_delete_files, held.pk, _names(photo)), robust=True)


def _checked_alt(alt: str) -> str:
    alt = " ".join(alt.split())
    if not alt:
        raise WorkflowError(
            _("Décrivez la photo en quelques mots, pour les personnes qui ne la voient pas.")
        )
    if len(alt) > LONGEST_ALT:
        raise WorkflowError(
            _("Cette description est trop longue\u00a0: %(most)d\u00a0caractères au plus.")
            % {"most": LONGEST_ALT}
        )
    return alt


def _refuse_too_many(count: int) -> None:
    if count >= MOST_PHOTOS:
        raise WorkflowError(
            _("Une fiche porte %(most)d\u00a0photos au plus. Retirez-en une d’abord.")
            % {"most": MOST_PHOTOS}
        )


def _find(photos: Iterable[Photo], photo: Photo) -> Photo:
    for held in photos:
        if held.pk == photo.pk:
            return held
    raise WorkflowError(_("Cette photo n’est plus là\u00a0: quelqu’un vient de la retirer."))


class _SentTwice(Exception):
    """The photo is there already; nothing of the second one stays."""

    def __init__(self, photo: Photo):
        super().__init__()
        self.photo = photo


def _mark(shop: Shop, file: BinaryIO) -> str:
    """The beginning of the folder of a photo that was made from this very file, for this shop.

    Keyed, so that nobody who has the file finds its address. 64 bits.
    """
    file.seek(0)
    digest = salted_hmac("merchants.photos", str(shop.pk), algorithm="sha256")
    left = MOST_BYTES + 1
    while left > 0 and (part := file.read(min(left, 1 << 20))):
        digest.update(part)
        left -= len(part)
    return digest.hexdigest()[:16]


def _twin(photos: Iterable[Photo], folder: str, alt: str) -> Photo | None:
    """The photo that was made from the same file: somebody clicked twice."""
    for photo in photos:
        if photo.stem.startswith(folder):
            if photo.alt != alt:
                raise WorkflowError(
                    _(
                        "Cette photo est déjà dans la fiche, décrite «\u00a0%(alt)s\u00a0». "
                        "Changez plutôt sa description."
                    )
                    % {"alt": photo.alt}
                )
            return photo
    return None


# Rows ------------------------------------------------------------------------------------------


def _photos(held: Shop) -> list[Photo]:
    return list(Photo.objects.filter(shop=held))


def _write_order(photos: Iterable[Photo]) -> None:
    moved = []
    for position, photo in enumerate(photos):
        if photo.position != position:
            photo.position = position
            moved.append(photo)
    Photo.objects.bulk_update(moved, ["position"])


def _record(
    held: Shop,
    before: Sequence[Photo],
    capacity: Capacity,
    *,
    note: str,
    by: User | None,
    now: datetime,
) -> None:
    """What photos show stands in the history, in their order; not the photos themselves."""
    was, is_ = ([photo.alt for photo in photos] for photos in (before, _photos(held)))
    changes = {"photos": [was, is_]}
    record(held, Action.EDIT, by=by, now=now, changes=changes, note=note, capacity=capacity)
    mark_on_behalf(held, capacity)
    if held.status == ShopStatus.PUBLISHED:
        held.commune.touch()


# Files -----------------------------------------------------------------------------------------


def _names(photo: Photo) -> list[str]:
    return [photo.file_name(width) for width in photo.widths]


@contextmanager
def _files_of(photo: Photo, processed: ProcessedPhoto) -> Iterator[None]:
    """Writes the files of a photo, and deletes them where what follows fails."""
    try:
        try:
            for width, body in processed.files.items():
                name = default_storage.save(photo.file_name(width), ContentFile(body))
                if name != photo.file_name(width):
                    raise FileExistsError(name)
        except OSError as error:
            logger.exception("shop %s: the files of a photo could not be written", photo.shop_id)
            raise WorkflowError(
                _("La photo n’a pas pu être enregistrée. Réessayez plus tard.")
            ) from error
        yield
    except BaseException:
        _delete_files(photo.shop_id, _names(photo))
        raise


def _delete_files(shop_key: int, names: Sequence[str]) -> None:
    """Deletes files and their folder; what cannot be deleted is left, and logged."""
    try:
        for name in names:
            default_storage.delete(name)
        # A folder of its own for each photo: gone with its last file, where the storage has any.
        default_storage.delete(names[0].rpartition("/")[0])
    except OSError:
        logger.exception("shop %s: the files of a photo could not be deleted", shop_key)
