"""Pages of the website and app: the path that each event happens on."""

from __future__ import annotations

HOME = "/"
CAMPAIGN, CATEGORY, PRODUCT = "/campaigns/", "/categories/", "/products/"
"""Followed by the identifier."""
FIXED = {
    "search": "/search",
    "remove_from_cart": "/cart",
    "checkout_start": "/checkout",
    "purchase": "/checkout/complete",
}
"""Event types that always happen on the same page."""
ON_PRODUCT = ("product_view", "add_to_cart", "add_to_wishlist")


def page_path(
    event_type: str, product_id: int | None, category_id: int | None, campaign_id: int | None
) -> str:
    """The path of an event's page; a visit starts on its campaign's page or the home page."""
    if event_type in FIXED:
        return FIXED[event_type]
    if event_type in ON_PRODUCT and product_id is not None:
        return f"{PRODUCT}{product_id}"
    if event_type == "session_start":
        return HOME if campaign_id is None else f"{CAMPAIGN}{campaign_id}"
    return HOME if category_id is None else f"{CATEGORY}{category_id}"
