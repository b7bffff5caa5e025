"""Many repositories in, tables of findings and patches out; on several machines with Ray, which only this folder knows."""
