"""An index and an interpreter in; out: paths, what a call does, where a value goes, what changes between iterations."""
