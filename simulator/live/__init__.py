"""Live traffic: visitors, buyers, sellers and fraudsters acting in real time on a running shop's database."""
