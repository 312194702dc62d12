"""The models as assets: features, versions, forecasts and reorder proposals, with their checks."""
