"""What is to be run: a case of the fixtures or a user's script in, its arms as programs with the probe around their loop out."""
