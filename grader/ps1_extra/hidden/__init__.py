"""Hidden suite of the extra-credit problem set, as plain pytest."""
