"""Twins of other people's services: real servers on this machine, for tests, demos and rehearsals."""
