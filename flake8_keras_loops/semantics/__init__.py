"""Source text in; out come scopes with their bindings, and what an expression may be."""
