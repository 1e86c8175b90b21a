"""The sixth step of a registration: photos, which may wait."""

from merchants.views.my_shop.photos import Gallery, act, add
from merchants.views.my_shop.wizard import go_on, render_step


def photos(request, *, shop, member):
    """Each photo is saved by itself; going on saves the one that was chosen, if there is one."""
    gallery = Gallery(shop)
    if request.method == "POST":
        back = ("register_photos", shop.pk)
        if request.POST.get("do") in {"next", "later"}:
            if not request.FILES.get("file") or add(request, gallery, back):
                return go_on(request, shop, "photos")
        elif answer := act(request, gallery, back):
            return answer
    return render_step(request, shop, "photos", "photos", **gallery.context)
