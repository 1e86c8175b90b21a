from merchants.opendata.category_files import read_categories
from merchants.text import normalise

# What a shop may be or offer, and its neighbour in the same trade may not.
CLAIMS = (
    "halal", "casher", "kasher", "bio", "biologique", "sans gluten", "vegan", "végétarien",
    "équitable", "local", "artisanal", "artisanale", "naturel", "fait main", "zéro déchet",
    "24h/24", "à domicile", "livraison", "drive", "terrasse", "urgence", "happy hour", "AMAP",
)  # fmt: skip


def test_keywords_claim_nothing_that_is_not_true_of_every_shop():
    told = {
        (child.slug, keyword)
        for group in read_categories()
        for child in group.children
        for keyword in map(normalise, child.keywords.split(","))
        if any(f" {normalise(claim)} " in f" {keyword} " for claim in CLAIMS)
    }
    # A trade, and what these craftsmen build.
    assert told == {
        ("vigneron-brasseur", "brasserie artisanale"),
        ("macon", "terrasse"),
        ("paysagiste", "terrasse"),
    }
