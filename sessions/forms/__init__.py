"""Forms of the sessions app."""
