"""Models over the marts: pure functions over data frames and arrays, and what keeps their versions."""
