"""A case in, a draft out: the edits of one way to mend a loop, and what could not be proved of it."""
