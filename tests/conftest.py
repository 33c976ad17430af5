"""What holds for every test: Hypothesis tries the same examples each time, so that a run that failed fails again."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None)
settings.load_profile("repeatable")
