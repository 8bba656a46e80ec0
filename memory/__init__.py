"""What a crew remembers: daily notes that people may edit, and a search over them."""
