"""`python -m alliance` is the command `alliance`."""

from alliance.cli.main import main

if __name__ == "__main__":
    main()
