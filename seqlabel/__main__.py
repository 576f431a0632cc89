"""The command for `python -m seqlabel`; nothing else."""

from seqlabel.cli import main

if __name__ == "__main__":
    main()
