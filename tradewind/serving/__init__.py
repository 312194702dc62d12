"""What the platform serves to programs and people: the HTTP API."""
