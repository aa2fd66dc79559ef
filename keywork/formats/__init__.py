"""Date formats of the screens."""
