"""What does the work: one folder per capability, each a tool under the contract of `tools.contract`."""
