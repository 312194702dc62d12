"""The live simulator: what visitors, buyers, sellers and fraudsters do now, in a running shop's database."""
