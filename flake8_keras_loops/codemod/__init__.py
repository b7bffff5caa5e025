"""Rewrites: which fix a finding gets, and its edits."""
