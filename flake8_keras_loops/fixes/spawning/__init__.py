"""What a loop's body needs to run in a process of its own: what goes there and comes back, and what is there by importing."""
