"""Files as tools meet them: beneath the workspace, line by line, whole or not at all."""
