"""How three versions of a board become one: the parts of `board.merge`."""
