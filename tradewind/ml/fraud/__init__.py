"""Fraud: how likely a card transaction is fraudulent, by what was known of its customer and terminal."""
