"""What people do: the work list, and what is done about it."""
