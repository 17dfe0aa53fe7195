"""`python -m listener` is `kikimimi`."""

from listener.cli import main

if __name__ == "__main__":
    main()
