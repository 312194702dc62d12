"""What is decided: pure, seeded, without a database or a wall clock; `engine` puts the parts together."""
