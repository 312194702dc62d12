"""What goes from which warehouse to which city at the least cost."""
