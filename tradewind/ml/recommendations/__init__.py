"""Recommendations: items like those that a user had, and what sessions like the present one went on with."""
