"""`python -m drugripple`: the command line."""

from drugripple.cli import main

if __name__ == "__main__":
    main()
