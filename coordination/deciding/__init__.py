"""What surrounds a decision: who may answer, for how long, by which door, and how it is taken back."""
