"""The second engine: the same models on Spark and Iceberg, on local disk, from wheels and one jar.

Belongs here: the Java that Spark needs, the pinned jar, Spark's settings, bronze's copy in Iceberg, and
running dbt against them. Doesn't: SQL (`dbt_project/`), engine differences (`macros/`), the warehouse.
"""
