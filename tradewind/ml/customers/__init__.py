"""Customers: how many purchases to expect of each, of what value, and whether a customer will come back."""
