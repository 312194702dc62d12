"""Models over the marts: pure functions over data frames and arrays, without orchestration."""
