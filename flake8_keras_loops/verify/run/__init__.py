"""Programs in, measurements out: each run in a process of its own, which stamps, seeds and records every iteration."""
