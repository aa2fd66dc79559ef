"""The log of slips and rewards: its words, its filter, its figures and its files."""
