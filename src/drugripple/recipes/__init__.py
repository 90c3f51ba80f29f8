"""The jobs behind the commands: each reads a run file, composes the packages below, and writes a folder."""
