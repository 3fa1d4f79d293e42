"""check_style.py holds the include directions, so each forbidden direction is shown to be refused."""
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import check_style
import repository

TREE = {
    "abi/rlx/base.h": "// The plugin boundary.\n",
    "core/include/rlx/shape.hpp": "// A public header.\n",
    "core/graph/graph.hpp": "// An internal header.\n",
    "core/version.hpp.in": "// Becomes version.hpp.\n",
    "plugins/cpu/device.hpp": "// A plugin's header.\n",
    "plugins/ref/device.hpp": "// Another plugin's header.\n",
    "frontends/onnx/include/rlx/onnx.hpp": "// A frontend's public header.\n",
    "frontends/onnx/import.hpp": "// A frontend's internal header.\n",
}


class CheckStyleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        patch = mock.patch.object(repository, "ROOT", self.root)
        patch.start()
        self.addCleanup(patch.stop)
        for name, text in TREE.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def problems(self, name, text):
        self.write(name, text)
        return [what for _, what in check_style.check_file(pathlib.PurePosixPath(name))]

    def include_is_allowed(self, name, header):
        include = header if header.startswith("<") else f'"{header}"'
        return not self.problems(name, f"// What it is for.\n#include {include}\n")

    def test_a_plugin_sees_the_abi_and_itself_only(self):
        source = "plugins/cpu/kernels/softmax.cpp"
        for header in ["rlx/base.h", "<rlx/base.h>", "device.hpp", "../device.hpp", "<vector>"]:
            self.assertTrue(self.include_is_allowed(source, header), header)
        for header in ["rlx/shape.hpp", "<rlx/shape.hpp>", "graph/graph.hpp", "../../ref/device.hpp",
                       "../../../core/graph/graph.hpp"]:
            self.assertFalse(self.include_is_allowed(source, header), header)

    def test_core_sees_no_plugin_and_no_frontend(self):
        source = "core/graph/graph.cpp"
        for header in ["graph.hpp", "graph/graph.hpp", "rlx/shape.hpp", "rlx/base.h", "version.hpp"]:
            self.assertTrue(self.include_is_allowed(source, header), header)
        for header in ["../../plugins/cpu/device.hpp", "rlx/onnx.hpp"]:
            self.assertFalse(self.include_is_allowed(source, header), header)

    def test_tools_and_frontends_see_public_headers_only(self):
        for source in ["tools/run.cpp", "examples/demo/demo.cpp", "frontends/onnx/import.cpp"]:
            self.assertTrue(self.include_is_allowed(source, "rlx/shape.hpp"), source)
            self.assertFalse(self.include_is_allowed(source, "graph/graph.hpp"), source)
        for source in ["tools/run.cpp", "frontends/onnx/import.cpp"]:
            self.assertTrue(self.include_is_allowed(source, "rlx/onnx.hpp"), source)
        self.assertFalse(self.include_is_allowed("tools/run.cpp", "../frontends/onnx/import.hpp"))

    def test_a_source_file_opens_with_a_comment(self):
        self.assertTrue(self.problems("core/a.cpp", "int a;\n"))
        self.assertTrue(self.problems("core/a.hpp", "#pragma once\n"))
        self.assertFalse(self.problems("core/a.hpp", "// A.\n#pragma once\n"))
        self.assertFalse(self.problems("core/a.cpp", '#include "a.hpp"\n'))
        self.assertFalse(self.problems("scripts/a.py", '#!/usr/bin/env python3\n"""A."""\n'))

    def test_vague_names_are_refused(self):
        for name in ["core/utils.hpp", "core/misc/a.hpp", "core/string_helpers.hpp"]:
            self.assertTrue(self.problems(name, "// A.\n"), name)
        self.assertFalse(self.problems("core/compile/common_subexpressions.cpp", "// A.\n"))

    def test_marks_need_an_issue_number(self):
        self.assertTrue(self.problems("core/a.cpp", "// TO" "DO: later\n"))
        self.assertFalse(self.problems("core/a.cpp", "// TO" "DO #12: later\n"))

    def test_white_space_is_clean(self):
        for text in ["// A.\n\tint a;\n", "// A. \n", "// A."]:
            self.assertTrue(self.problems("core/a.cpp", text), repr(text))

    def test_links_lead_to_files(self):
        self.write("docs/abi.md", "# The ABI\n")
        for link in ["abi.md", "abi.md#the-promise", "../docs/abi.md", "#here", "https://example.org/x.md"]:
            self.assertFalse(self.problems("docs/ops.md", f"See [that]({link}).\n"), link)
        self.assertTrue(self.problems("docs/ops.md", "See [this](abi.md) and [that](gone.md).\n"))

    def test_a_plugin_does_not_know_the_library(self):
        self.assertTrue(self.problems("plugins/cpu/a.cpp", "// Calls lib" "rlx.\n"))


if __name__ == "__main__":
    unittest.main()
