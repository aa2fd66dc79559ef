"""Writes about students: marks of the register."""
