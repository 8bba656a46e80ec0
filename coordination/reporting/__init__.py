"""What is written at set hours: stand-ups, the nightly review, long-term memory."""
