#!/usr/bin/python3
"""Checks that the model, the labels and the pictures in this folder belong together.

Runs classifier.onnx, node by node as the file says, with the layers it was trained with. Exit code 1 if a picture is
not recognised as what its file name says, 77 (a skipped test) if a package is missing: the same as for train.py.
Usage: python3 verify.py [DIR].
"""
import pathlib
import sys

try:
    import numpy as np
    import onnx

    import onnx_file
    import shapes
except ModuleNotFoundError as missing:
    print(f"skipped: verify: the Python package {missing.name} is missing")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(77)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent
    model = onnx.load(str(folder / "classifier.onnx"))
    onnx.checker.check_model(model)
    labels = onnx_file.labels_of(model)
    if labels != (folder / "labels.txt").read_text().split():
        print(f"verify: labels.txt differs from the model's labels {labels}", file=sys.stderr)
        return 1

    paths = sorted((folder / "images").glob("*.pgm"))
    if [path.stem for path in paths] != sorted(labels):
        print(f"verify: images/ has not exactly one picture for each of {labels}", file=sys.stderr)
        return 1
    probabilities = onnx_file.run(model, shapes.to_input(np.stack([shapes.read_pgm(path) for path in paths])))
    wrong = 0
    for path, row in zip(paths, probabilities):
        found = labels[row.argmax()]
        wrong += found != path.stem
        print(f"{path.name:13} {found:9} {row.max():6.1%}{'' if found == path.stem else '  WRONG'}")
    print(f"{len(paths) - wrong} passed, {wrong} failed, 0 skipped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
