"""What is done: reading the shop, writing rows and transactions.

Belongs here: SQL and connections, of the application's role. Doesn't: deciding what to write (`decisions`).
"""
