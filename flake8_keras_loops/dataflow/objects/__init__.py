"""Objects of the project that hold a model: who gets at it, and is there only one such object at a time?"""
