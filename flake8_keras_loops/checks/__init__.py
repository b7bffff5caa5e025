"""An indexed file in (``subject``), findings out: one file a kind of finding."""
