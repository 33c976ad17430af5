"""Reference solutions of the extra-credit problem set."""
