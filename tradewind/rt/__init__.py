"""Near real time: which models there are, how fresh they are, and whether they equal batch and source."""
