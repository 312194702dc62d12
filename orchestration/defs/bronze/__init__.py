"""Bronze: the change log, one external asset per source table, observed while the capture writes it.

Belongs here: what can be seen of bronze from outside. Doesn't: writing it (`connectors`).
"""
