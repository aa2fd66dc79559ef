"""Template helpers about students."""
