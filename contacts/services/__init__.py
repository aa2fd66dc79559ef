"""Every change to the records of this app: one module per topic."""
