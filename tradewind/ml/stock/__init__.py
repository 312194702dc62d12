"""Stock: when it runs out, when and how much to reorder."""
