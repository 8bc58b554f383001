"""`python -m alliance` is the command `alliance`."""

from alliance.cli.start import main

if __name__ == "__main__":
    main()
