#!/usr/bin/env python3
"""Compiles each ABI header alone: headers.py ABI_DIR CORE_INCLUDE_DIR -- CC... -- CXX...

C headers as C11, C++17 and C++20, the SDK's and the public C++ headers as C++20, all pedantic and free of warnings: a
vendor copies them and uses flags of his own. A type has one meaning: the compiler takes the same opaque type from two
headers without a word, and the plugin that fills one of them in cannot.
"""
import collections
import itertools
import pathlib
import re
import subprocess
import sys

FLAGS = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]


def compiles(compiler, standard, language, include_dirs, header):
    includes = [f"-I{directory}" for directory in include_dirs]
    return subprocess.run(
        [*compiler, f"-std={standard}", *FLAGS, *includes, "-x", language, "-"],
        input=f"#include <{header}>\n", text=True, check=False).returncode == 0


def main():
    words = [list(group) for dash, group in itertools.groupby(sys.argv[1:], lambda w: w == "--") if not dash]
    (abi, core), cc, cxx = words
    abi, core = pathlib.Path(abi), pathlib.Path(core)
    passed = failed = 0
    cases = []
    for header in sorted(abi.glob("rlx/*.h")):
        name = header.relative_to(abi)
        cases += [(cc, "c11", "c", [abi], name), (cxx, "c++17", "c++", [abi], name), (cxx, "c++20", "c++", [abi], name)]
    cases += [(cxx, "c++20", "c++", [abi], h.relative_to(abi)) for h in sorted(abi.glob("rlx/sdk/*.hpp"))]
    cases += [(cxx, "c++20", "c++", [abi, core], h.relative_to(core)) for h in sorted(core.glob("rlx/*.hpp"))]
    for compiler, standard, language, include_dirs, header in cases:
        if compiles(compiler, standard, language, include_dirs, header):
            passed += 1
        else:
            failed += 1
            print(f"{header} is not clean {standard}")
    homes = collections.defaultdict(list)
    for header in sorted(abi.glob("rlx/*.h")):
        for name in re.findall(r"^typedef struct (\w+)", header.read_text(), re.M):
            homes[name].append(header.name)
    for name, headers in homes.items():
        if len(headers) == 1:
            passed += 1
        else:
            failed += 1
            print(f"{name} is declared in {' and '.join(headers)}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
