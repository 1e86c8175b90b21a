"""Addresses of a registration."""

START = "/mon-commerce/inscrire/"


def step(shop, slug: str) -> str:
    return f"/mon-commerce/{shop.pk}/inscription/{slug}/"
