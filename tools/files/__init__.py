"""Files as tools meet them: opened beneath the workspace, read line by line, written whole or not at all."""
