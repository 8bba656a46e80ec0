"""`python -m crewboard`: the same as `crewboard`."""

from crewboard.cli import main

if __name__ == "__main__":
    main()
