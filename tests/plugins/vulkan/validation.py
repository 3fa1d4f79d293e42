#!/usr/bin/env python3
"""Runs the conformance suite and the plugin's tests on Vulkan with Khronos' validation layer in between, which must have
nothing to say.

Usage: validation.py CONFORMANCE VULKAN_TEST. Before that VULKAN_TEST makes a mistake on purpose, so that a layer that is
not there cannot pass for a silent one. lavapipe gets vectors of other widths than it chooses itself, here and in a second
run without the layer: shaders must not depend on the size of a subgroup. The second run multiplies matrices of f16 with
loops that stand for cooperative matrices, which lavapipe may not have. Exit code 77 where there is no layer or no device.
"""
import os
import pathlib
import re
import subprocess
import sys

LAYER = "VK_LAYER_KHRONOS_validation"
MANIFESTS = [pathlib.Path(folder) / "vulkan/explicit_layer.d/VkLayer_khronos_validation.json"
             for folder in ("/usr/share", "/usr/local/share", "/etc")]
MESSAGE = re.compile(r".*(?:VUID-|UNASSIGNED-|Validation (?:Error|Warning)).*")
SKIPPED = 77


def run(*command, **variables):
    environment = dict(os.environ, **variables)
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def skip(reason):
    print(f"skipped 1: {reason}\n0 passed, 0 failed, 1 skipped")
    return SKIPPED


def main():
    conformance, vulkan_test = sys.argv[1:]
    if not any(manifest.is_file() for manifest in MANIFESTS):
        return skip(f"{LAYER} is not installed (Debian: vulkan-validationlayers)")
    layered = {"VK_INSTANCE_LAYERS": LAYER, "LP_NATIVE_VECTOR_WIDTH": "128"}
    code, output = run(vulkan_test, "[misuse]", **layered)
    if "no Vulkan device" in output:
        return skip("no Vulkan device")
    checks = [(MESSAGE.search(output), f"{LAYER} does not see a buffer of 0 bytes:\n{output}")]
    code, output = run(conformance, "--device", "vulkan:0", **layered)
    said = MESSAGE.findall(output)
    checks += [(code == 0, f"conformance ended with {code}:\n{output[-2000:]}"),
               (not said, f"{LAYER} said {len(said)} things, the first: {said[:1]}")]
    # Left out are what is hidden (the mistake), a count of allocations, since the layer allocates, and a stand-in for a
    # driver with structures that older layers do not know.
    code, output = run(vulkan_test, "~[unlayered]~[.]", **layered)
    said = MESSAGE.findall(output)
    checks += [(code == 0, f"the plugin's tests ended with {code}:\n{output[-2000:]}"),
               (not said, f"{LAYER} said {len(said)} things of the plugin's tests, the first: {said[:1]}")]
    code, output = run(conformance, "--device", "vulkan:0", LP_NATIVE_VECTOR_WIDTH="512",
                       RLX_VULKAN_COOPERATIVE="emulated")
    checks.append((code == 0, f"conformance with 512 bits ended with {code}:\n{output[-2000:]}"))
    failures = [text for good, text in checks if not good]
    for text in failures:
        print(text)
    print(f"{len(checks) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
