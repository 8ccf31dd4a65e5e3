"""When each thing runs."""
