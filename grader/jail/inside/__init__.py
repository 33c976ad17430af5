"""What is mounted into the jail, beside wire.py: it imports nothing of the grader and holds nothing secret."""
