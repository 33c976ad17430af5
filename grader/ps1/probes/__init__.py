"""Source text that suites send into the jail. Nothing here is imported by the judge."""
