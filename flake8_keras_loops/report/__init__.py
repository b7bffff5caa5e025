"""One file a format: outcomes in, text out."""
