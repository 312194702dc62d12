"""The quality gate: change events that ODS does not take, by name, until they are replayed or discarded."""
