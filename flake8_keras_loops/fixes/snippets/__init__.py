"""The helpers that fixes write: the source text of these files goes, word for word, into what is fixed."""
