"""Bronze: the change log, one external asset per source table, observed while the capture writes it."""
