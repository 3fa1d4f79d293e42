#!/usr/bin/env python3
"""Checks the house rules that a few regular expressions can see. Prints "file:line: what"; exit code 1 if anything.

Not here: formatting (clang-format) and file sizes (check_size.py). A rule that needs to understand C++ belongs in
.clang-tidy, not here.
"""
import pathlib
import re
import sys

import repository

VAGUE_NAMES = {"util", "utils", "helper", "helpers", "misc", "common"}
UNOWNED_MARK = re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
OPENING_COMMENT = ("//", "/*", "#", '"""')
MARKDOWN_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
THIS_FILE = pathlib.PurePosixPath("scripts/check_style.py")


def include_roots(path):
    """Returns (folders a file may include from, the rule in words), or None where anything goes.

    abi/ is what everything may use. The compiler's search path cannot say the rest: it finds whatever was added.
    """
    parts = path.parts
    if parts[0] == "abi":
        return ["abi"], "abi/ includes nothing but itself"
    if parts[0] == "core":
        return ["abi", "core", "core/include"], "core/ includes only abi/ and itself"
    if parts[0] == "plugins":
        # plugins/simt is what the GPU plugins that compile CUDA's dialect of C++ have in common.
        shared = ["plugins/simt"] if parts[1] in {"cuda", "rocm"} else []
        return ["abi", "/".join(parts[:2]), *shared], "a plugin includes only abi/ and its own folder"
    if parts[0] == "frontends":
        own = "/".join(parts[:2])
        return ["abi", "core/include", own, own + "/include"], "a frontend includes only core's public headers and itself"
    if parts[0] in {"tools", "examples"}:
        frontends = [str(d.relative_to(repository.ROOT)) for d in repository.ROOT.glob("frontends/*/include")]
        return ["abi", "core/include", parts[0], *frontends], f"{parts[0]}/ includes only public headers and itself"
    return None


def check_include(path, line):
    match = INCLUDE.match(line)
    roots = include_roots(path)
    if not match or not roots:
        return None
    bracket, header = match.groups()
    folders, rule = roots
    inside = [folder for folder in folders if path.is_relative_to(folder)]
    if bracket == "<" and not header.startswith("rlx/"):
        return None  # a library's header
    # A relative path is resolved so that "../../core/x.hpp" cannot leave the folder.
    candidates = [repository.ROOT / folder / header for folder in folders]
    if bracket == '"' and inside:
        candidates.append(repository.ROOT / path.parent / header)
    allowed = [(repository.ROOT / folder).resolve() for folder in folders]
    for candidate in candidates:
        # x.hpp may be made from x.hpp.in.
        exists = candidate.is_file() or candidate.with_name(candidate.name + ".in").is_file()
        if exists and any(candidate.resolve().is_relative_to(folder) for folder in allowed):
            return None
    return f'includes "{header}": {rule}'


def check_links(path, line):
    """Yields the links of a Markdown page that lead to no file of the repository."""
    for target in MARKDOWN_LINK.findall(line):
        if "://" not in target and not (repository.ROOT / path.parent / target).exists():
            yield f"link to {target}, which does not exist"


def check_line(path, line):
    """Yields what is wrong with one line of a text file."""
    if "\t" in line:
        yield "tab; indent with spaces"
    if line != line.rstrip():
        yield "trailing space"
    if path.suffix == ".md":
        yield from check_links(path, line)
    if not repository.is_source(path) or path == THIS_FILE:
        return
    mark = UNOWNED_MARK.search(line)
    if mark:
        yield f"{mark[1]} without an issue number (write {mark[1]} #123)"
    if path.parts[0] == "plugins" and "librlx" in line:
        yield "a plugin does not know librlx: services come in the host table"
    if path.suffix in repository.CPP:
        problem = check_include(path, line)
        if problem:
            yield problem


def check_name(path):
    for part in path.parts:
        stem = part.split(".")[0]
        if stem in VAGUE_NAMES or stem.endswith(("_utils", "_helpers", "_util", "_helper")):
            yield f"'{part}' says nothing about what is in it; name the idea"


def check_opening(path, lines):
    """Every source file starts by saying what it is for. A list of files for Meson need not, x.cpp may leave it to x.hpp
    by including it first, and the names of test cases are sentences that say it better."""
    if path.name.endswith("_test.cpp"):
        return
    body = lines[1:] if lines and lines[0].startswith("#!") else lines
    first = next((line for line in body if line.strip()), "")
    include = INCLUDE.match(first)
    if path.name == "meson.build" or (include and path.suffix == ".cpp" and pathlib.Path(include[2]).stem == path.stem):
        return
    is_directive = path.suffix in repository.CPP and first.startswith("#")
    if not first.startswith(OPENING_COMMENT) or is_directive:
        yield "the file does not start with a comment that says what it is for"


def check_file(path):
    problems = [(1, what) for what in check_name(path)]
    text = repository.text_of(path)
    if text is None:
        return problems
    lines = text.split("\n")
    if repository.is_source(path):
        problems += [(1, what) for what in check_opening(path, lines)]
    for number, line in enumerate(lines, 1):
        problems += [(number, what) for what in check_line(path, line)]
    if text and not text.endswith("\n"):
        problems.append((len(lines), "no newline at the end of the file"))
    return problems


def main():
    count = 0
    for path in repository.files():
        for number, what in check_file(path):
            print(f"{path}:{number}: {what}", file=sys.stderr)
            count += 1
    if count:
        print(f"{count} problems", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
