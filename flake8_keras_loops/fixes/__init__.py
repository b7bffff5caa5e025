"""A file with its findings in; outcomes (a fix with its edits, or why not) and the edited text out."""
