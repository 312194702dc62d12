"""The embedded warehouse: the ClickHouse engine of one process behind ClickHouse's HTTP interface.

A request travels: `app` (HTTP) -> `users` (who) -> `request` (what is asked) -> `statement` and
`guard` (what the text is, and whether this user may) -> `running` (a slot, a query id) ->
`sessions` (a connection) -> `engine` and `execution` (rows) -> `response` (headers, body, errors).
"""
