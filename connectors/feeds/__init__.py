"""Feeds: data from dropped files and from other services, stored as change events."""
