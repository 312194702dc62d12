"""The past of the shop: orders, payments, stock, delivery, returns, reviews, visits and attacks."""
