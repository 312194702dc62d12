"""The quality gate: change events that ODS does not take are named, kept in quarantine, replayed or discarded."""
