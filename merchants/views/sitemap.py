from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.urls import reverse

from merchants.models import Commune, Shop


class CommuneSitemap(Sitemap):
    changefreq = "daily"

    def items(self):
        return Commune.objects.light().with_shops().order_by("pk")


class ShopSitemap(Sitemap):
    changefreq = "weekly"
    limit = 5000

    def items(self):
        shops = Shop.objects.published().order_by("pk")
        return shops.values_list("commune__slug", "slug", "updated_at")

    def get_latest_lastmod(self):
        return Shop.objects.published().aggregate(latest=Max("updated_at"))["latest"]

    def location(self, item):
        return reverse("shop", args=item[:2])

    def lastmod(self, item):
        return item[2]


SITEMAPS = {"communes": CommuneSitemap, "commerces": ShopSitemap}
