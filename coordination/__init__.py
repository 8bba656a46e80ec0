"""How work moves and is remembered: ledger, effects, decisions, board, bus, stand-ups, budget."""
