"""What comes in beside the change data, as assets: dropped files and answers of the reputation service."""
