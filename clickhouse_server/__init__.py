"""ClickHouse's HTTP interface over the ClickHouse engine of one process (chDB). See README.md.

A request passes through `http_protocol` and `app` (HTTP), `users` (who), `request` and `form` (what is
asked), `query` (the order of events), `writer_guard` or `reader_guard` (may this user?), `running` (a slot,
an id), `connections` or `reader` (an engine connection), `execution` or `inserts` (rows), `response`
(headers, body, errors).
"""
