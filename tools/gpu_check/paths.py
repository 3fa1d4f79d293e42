"""Where things are: in a build of this tree, or in what --pack made of one."""
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM_ONNX_DATA = pathlib.Path("/usr/share/libonnx-testdata/data")
# What a build is packed with; the C library and the drivers are the other machine's.
PACKED = ("core/librlx*.so.[0-9]", "frontends/*/librlx*.so.[0-9]", "plugins/*/rlx_*.so", "tools/*/rlx-*",
          "tests/conformance/conformance*", "tests/plugins/simt/open_time", "tests/plugins/simt/shim/lib*.so*")
# Relative to the tree's root and to the packed folder alike.
DATA = ("tests/conformance/expect", "tests/onnx/known_differences.txt")
NOT_PACKED = re.compile(r"ld-linux|linux-vdso|lib(c|m|dl|rt|pthread|cuda|amdhip64|vulkan)\.so")


class Paths:
    """build: a meson build of this tree, or a packed folder."""

    def __init__(self, build):
        self.build = build.resolve()
        self.packed = (self.build / "lib").is_dir()
        self.data = self.build if self.packed else ROOT
        self.onnx_data = self.build / "onnx" if self.packed else SYSTEM_ONNX_DATA
        self.shim = self.build / "tests/plugins/simt/shim"

    def plugin(self, name):
        return self.build / f"plugins/{name}/rlx_{name}.so"

    def environment(self, *plugins, shim=False):
        """Of a process that has these plugins and no others; with shim HIP's libraries are those on top of CUDA's."""
        env = dict(os.environ, RLX_PLUGIN_PATH=":".join(str(self.plugin(name)) for name in plugins))
        folders = [self.shim] if shim else []
        if self.packed:
            folders += [self.build / "lib", self.build / "core", self.build / "frontends/onnx"]
        env["LD_LIBRARY_PATH"] = ":".join([*map(str, folders), *filter(None, [env.get("LD_LIBRARY_PATH")])])
        return env


def libraries_of(files, build):
    """From name to path: the shared libraries that the files need and the build does not have."""
    found = {}
    for path in files:
        done = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
        for name, where in re.findall(r"^\s*(\S+) => (/\S+)", done.stdout, re.M):
            if not NOT_PACKED.search(name) and build not in pathlib.Path(where).parents:
                found[name] = where
    return found


def pack(build, folder):
    """Copies the programs without their symbols, their libraries and the data of the tests, and makes an archive of all
    that, FOLDER.tar.xz; the bytes of both."""
    files = [path for pattern in PACKED for path in build.glob(pattern)
             if path.is_file() and path.suffix != ".p" and path.parent.name not in ("cpu", "mpi")]
    copies = [(path, folder / path.relative_to(build)) for path in files]
    copies += [(where, folder / "lib" / name) for name, where in libraries_of(files, build).items()]
    for source, target in copies:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        subprocess.run(["strip", "--strip-unneeded", target], capture_output=True, check=False)
    for name in DATA:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    for name in ("node", "simple"):
        if (SYSTEM_ONNX_DATA / name).is_dir():
            shutil.copytree(SYSTEM_ONNX_DATA / name, folder / "onnx" / name, dirs_exist_ok=True)
    archive = shutil.make_archive(str(folder), "xztar", folder.parent, folder.name)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()), os.path.getsize(archive)
