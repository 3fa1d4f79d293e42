"""Which files of the repository the checks look at: those git tracks or would track, in a fixed order."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP = {".c", ".h", ".cpp", ".hpp", ".inc"}
# Inputs for the fuzzers and models are data, whatever their names end with.
DATA_FOLDERS = ("tests/fuzz/corpus/",)


def files():
    """Returns the paths, relative to ROOT, as pathlib.PurePosixPath."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    present = (name for name in sorted(set(names)) if name and (ROOT / name).is_file())
    return [pathlib.PurePosixPath(name) for name in present if not name.startswith(DATA_FOLDERS)]


def text_of(path):
    """Returns the text of a file, or None if it is not text."""
    data = (ROOT / path).read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_script(path):
    return path.suffix in {".py", ".sh"} or path.name == "meson.build" or str(path) in {"dev", ".ci/run"}


def is_source(path):
    return path.suffix in CPP or is_script(path)
