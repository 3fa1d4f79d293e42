#!/usr/bin/env python3
"""What binaries export and how they are linked: exports.py core LIBRLX | plugin PLUGIN.so...

core: every exported symbol is one of RLX's names, in the version of the version script. plugin: the link rules of
docs/abi.md. Needs readelf and nm. Prints one line for each fault.
"""
import re
import subprocess
import sys

ENTRY = "rlx_plugin_query_0"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(path, *options):
    """Yields (type letter, name with version) of the defined dynamic symbols."""
    for line in output("nm", "-D", "--defined-only", *options, path).splitlines():
        _, letter, name = line.split(" ", 2)
        yield letter, name


def check_core(path):
    for letter, name in exported(path, "-C"):
        if letter == "A":  # the version itself
            continue
        base, _, version = name.partition("@@")
        if version != "RLX_0":
            yield f"{base} has version '{version}', expected RLX_0"
        if letter in "WV":
            # Templates of the standard library over our types come out weak; nobody may rely on them.
            continue
        if not re.match(r"(rlx_|rlx::|(typeinfo|vtable|typeinfo name) for rlx::)", base):
            yield f"exports {base}, which is not RLX's"
        if re.match(r"rlx::(plugin|ops)::", base):
            yield f"exports {base}, which is internal"


def check_plugin(path):
    names = [name for letter, name in exported(path) if letter != "A"]
    if [name.partition("@")[0] for name in names] != [ENTRY]:
        yield f"exports {', '.join(names) or 'nothing'}, expected {ENTRY} alone"
    dynamic = output("readelf", "-dW", path)
    for run_path in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic):
        for directory in run_path.split(":"):
            if not directory.startswith(("$ORIGIN", "${ORIGIN}")):
                yield f"has the run path {directory}, which is not relative to $ORIGIN"
    if re.search(r"NEEDED.*\[librlx", dynamic):
        yield "is linked to librlx; services come in the host table"
    for library in re.findall(r"NEEDED.*\[(lib(?:cuda|amdhip64|vulkan|ze_loader|OpenCL)\.so[^]]*)\]", dynamic):
        yield f"needs the driver library {library}; open it when devices are asked for"
    for flag, rule in [("STATIC_TLS", "uses static thread-local storage, which runs out in large processes"),
                       ("TEXTREL", "has text relocations")]:
        if flag in dynamic:
            yield rule
    for flag in ("NOW", "NODELETE"):
        if not re.search(rf"FLAGS.*\b{flag}\b", dynamic):
            yield f"is not linked with -z {flag.lower()}"
    segments = output("readelf", "-lW", path)
    # Without the segment the kernel makes the stack executable.
    stack = re.search(r"^ *GNU_STACK((?: +0x\S+){5}) +([RWE]+)", segments, re.MULTILINE)
    if not stack or "E" in stack[2]:
        yield "has an executable stack"
    if "GNU_RELRO" not in segments:
        yield "is not linked with -z relro"
    if "UNIQUE" in output("readelf", "-sW", "--dyn-syms", path):
        yield "has GNU_UNIQUE symbols, which are shared between plugins"


def main():
    kind, paths = sys.argv[1], sys.argv[2:]
    check = {"core": check_core, "plugin": check_plugin}[kind]
    bad = 0
    for path in paths:
        faults = list(check(path))
        bad += bool(faults)
        for fault in faults:
            print(f"{path}: {fault}")
    print(f"{len(paths) - bad} passed, {bad} failed, 0 skipped")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
