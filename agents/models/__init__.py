"""What agents ask: one Protocol, and the providers behind it."""
