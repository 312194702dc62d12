"""Near real time: the job that brings its definitions up to date, and the checks against batch and source."""
