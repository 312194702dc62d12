"""What comes in beside the change data: files dropped into folders, and answers of other services."""
