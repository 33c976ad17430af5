"""Measurements: what grading costs, beside stock nbgrader (`make bench`), and what a very large class would take."""
