"""Real data into the shop's schema: one module per data set, over a shared core.

Belongs here: reading files strictly (`files`), staging and bulk writing (`bulk`), what a load reports
(`report`), and the data sets (`olist`). Doesn't: invented data (the simulator).
"""
