"""Is a fix of ``reuse`` proved? What tells the models apart, what building them reads, whether that stays, what else happens."""
