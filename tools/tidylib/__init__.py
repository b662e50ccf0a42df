"""The parts of tools/tidy."""
