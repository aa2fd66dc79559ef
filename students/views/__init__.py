"""Pages about students: the list, how to work with them, people, assignments."""
