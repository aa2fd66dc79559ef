"""What people do with sessions and targets: verbs, atomic, each naming who did it."""
