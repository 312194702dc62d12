"""Change data through Kafka: the Connect client, topics, landing in the warehouse and dead letters."""
