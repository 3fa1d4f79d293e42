#!/usr/bin/env python3
"""Puts the device headers into the plugin: embed.py OUTPUT HEADER... writes C++ with their texts as literals.

A header of abi/ keeps the name that includes it: rlx/sdk/quant_layout.hpp."""
import pathlib
import sys

# Compilers limit the length of a literal; neighbours are joined.
CHUNK = 8000


def literal(text):
    parts = [text[at:at + CHUNK] for at in range(0, len(text), CHUNK)]
    return "\n".join(f'R"~~({part})~~"' for part in parts)


def name_of(header):
    folder = header.parts[-3:-1]
    return "rlx/sdk/" + header.name if folder == ("rlx", "sdk") else header.name


def main():
    output, headers = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    entries = "".join(f'  {{"{name_of(h)}",\n{literal(h.read_text())}}},\n' for h in headers)
    output.write_text(
        '// Made by embed.py.\n#include "build.hpp"\n\nnamespace rlx::simt {\n\n'
        f"static constexpr DeviceHeader kHeaders[] = {{\n{entries}}};\n\n"
        "std::span<const DeviceHeader> device_headers() {\n  return kHeaders;\n}\n\n}  // namespace rlx::simt\n")


if __name__ == "__main__":
    main()
