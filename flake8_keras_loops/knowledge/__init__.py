"""What names mean, as data: the one place that lists them. Nothing comes in."""
