#!/usr/bin/env python3
"""Keeps files small enough to read in one sitting.

A source file should have 100 to 250 lines. From 400 on this prints it, so that someone asks why; at 800 it fails.
Tables, which nobody reads from top to bottom, are excepted by name below, each with its reason.
"""
import sys

import repository

ASK_WHY = 400
LIMIT = 800
TABLES = {}  # "path": "why it is a table"


def main():
    sizes = {}
    for path in filter(repository.is_source, repository.files()):
        text = repository.text_of(path)
        if text is not None:
            sizes[str(path)] = text.count("\n")

    failures = [f"{table}:1: listed as a table in check_size.py, but there is no such file"
                for table in TABLES if table not in sizes]
    for name, lines in sorted(sizes.items(), key=lambda item: -item[1]):
        if name in TABLES:
            continue
        if lines >= LIMIT:
            failures.append(f"{name}:{lines}: {lines} lines, the limit is {LIMIT - 1}: split it by idea")
        elif lines >= ASK_WHY:
            print(f"{name}: {lines} lines; could it be two files?")

    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
