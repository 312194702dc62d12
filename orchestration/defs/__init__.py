"""One folder a group of assets."""
