"""The shapes, one module for each."""
