"""What is decided: pure, seeded, without a database or a wall clock; `engine` puts the parts together.

Belongs here: behaviour, and the records of what shall be written. Doesn't: reading and writing (`database`).
"""
