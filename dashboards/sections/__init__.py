"""Sections of the nightly report, one file each."""
