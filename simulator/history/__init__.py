"""What happened, step by step: orders, payments, stock, delivery, returns, reviews, visits, attacks."""
