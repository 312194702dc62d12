"""One folder per group of assets; each builds its own `Definitions` in `definitions.py`."""
