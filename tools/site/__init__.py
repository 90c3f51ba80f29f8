"""The documentation site: pages of the repository and a reference from docstrings, built by MkDocs; `make docs`."""
