"""The second engine: the same models on Spark and Iceberg, on a local disk, from wheels and one jar."""
