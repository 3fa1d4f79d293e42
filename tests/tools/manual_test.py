#!/usr/bin/env python3
"""Compares manual pages with --help: manual_test.py DOCS PROGRAM... Each program has DOCS/NAME.1."""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

PAGES = pathlib.Path(sys.argv[1])
PROGRAMS = [pathlib.Path(program) for program in sys.argv[2:]]


def page(program):
    return (PAGES / f"{program.name}.1").read_text(encoding="utf-8")


class Manual(unittest.TestCase):
    def test_options_are_those_of_help(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                told = set(re.findall(r"^ .*?(--[a-z0-9-]+)", programs.run(program, "--help").stdout, re.MULTILINE))
                described = {"-" + option for option in re.findall(r"^\.It Fl (-[a-z0-9-]+)", page(program), re.MULTILINE)}
                self.assertEqual(described, told)
                synopsis = page(program).split(".Sh DESCRIPTION")[0]
                for option in told - {"--help"}:
                    self.assertIn(f"Fl {option[1:]}", synopsis)

    def test_exit_codes_are_those_of_help(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                footer = re.search(r"^Exit (?:codes|status):(.*)", programs.run(program, "--help").stdout, re.MULTILINE | re.DOTALL)
                told = re.findall(r"(?:^|,)\s*(\d+) ", footer[1])
                section = page(program).split(".Sh EXIT STATUS")[1].split(".Sh")[0]
                self.assertEqual(re.findall(r"^\.It (\d+)", section, re.MULTILINE), told)

    def test_wrong_usage_has_the_code_that_the_page_says(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                section = page(program).split(".Sh EXIT STATUS")[1].split(".Sh")[0]
                code = next(int(number) for number, text in re.findall(r"\.It (\d+)\n([^.][^\n]*)", section)
                            if "command line is wrong" in text)
                result = programs.run(program, "--no-such-option", ".")
                self.assertEqual(result.returncode, code)
                self.assertIn("--no-such-option", result.stderr)
                self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    programs.main()
