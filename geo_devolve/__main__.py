"""``python -m geo_devolve`` is the command ``geo-devolve``."""

from geo_devolve.cli import main

if __name__ == "__main__":
    main()
