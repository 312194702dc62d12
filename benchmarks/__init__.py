"""Benchmarks: timings and rates, reported side by side in one run and asserted nowhere."""
