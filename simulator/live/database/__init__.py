"""What is done: reading the shop, writing rows and transactions."""
