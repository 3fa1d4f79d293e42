#!/usr/bin/python3
"""Trains the shape classifier on pictures it draws, and writes the model, its labels and a few held-out pictures.

Usage: python3 train.py [--out DIR]. Needs numpy and onnx (Debian: python3-numpy, python3-onnx). Everything is seeded:
one machine gives the same files each time. Takes about half a minute on one core.
"""
import argparse
import pathlib
import sys

import numpy as np

import layers
import network
import onnx_file
import optimizer
import shapes

TRAIN_SEED, HELD_OUT_SEED, WEIGHT_SEED = 1, 4, 3
TRAIN_PER_CLASS, HELD_OUT_PER_CLASS = 500, 250
EPOCHS, BATCH, RATE, WEIGHT_DECAY = 6, 16, 1e-2, 0.02
REQUIRED_ACCURACY = 0.97


def augment(rng, pixels):
    """Turns, mirrors and inverts a batch, all its pictures alike: 16 pictures for the price of drawing one."""
    pixels = np.rot90(pixels, rng.integers(4), axes=(1, 2))
    if rng.integers(2):
        pixels = pixels[:, :, ::-1]
    return 255 - pixels if rng.integers(2) else pixels


def train_step(classifier, adam, images, classes):
    """Takes one step down the cross entropy; returns its mean over the batch."""
    probabilities = layers.softmax(classifier.forward(images, training=True))
    picked = np.arange(len(classes)), classes
    loss = -np.log(probabilities[picked] + np.float32(1e-12)).mean()
    # The gradient of cross entropy after softmax is the error in the probabilities.
    error = probabilities
    error[picked] -= 1
    classifier.backward(error / np.float32(len(classes)))
    adam.step()
    return loss


def train(pixels, classes):
    """Returns a network trained on u8 [N, 32, 32] and their classes."""
    rng = np.random.default_rng(WEIGHT_SEED)
    classifier = network.classifier(rng, len(shapes.LABELS))
    steps_per_epoch = len(classes) // BATCH
    adam = optimizer.Adam(list(network.trainable(classifier)), RATE, EPOCHS * steps_per_epoch, WEIGHT_DECAY)
    for epoch in range(EPOCHS):
        order = rng.permutation(len(classes))[:steps_per_epoch * BATCH].reshape(-1, BATCH)
        losses = [train_step(classifier, adam, shapes.to_input(augment(rng, pixels[batch])), classes[batch])
                  for batch in order]
        print(f"epoch {epoch + 1} of {EPOCHS}: mean loss {np.mean(losses):.3f}", flush=True)
    return classifier


def predict(classifier, pixels):
    """Returns the most likely class of each picture, in batches so that the columns of im2col stay in the cache."""
    batches = np.array_split(pixels, max(1, len(pixels) // 50))
    return np.concatenate([classifier.forward(shapes.to_input(batch)).argmax(axis=1) for batch in batches])


def print_accuracy(predicted, classes):
    """Prints the share of right answers for each class and overall; returns the latter."""
    right = predicted == classes
    for index, label in enumerate(shapes.LABELS):
        print(f"  {label:9} {right[classes == index].mean():6.1%}")
    print(f"held-out accuracy {right.mean():.2%} ({right.sum()} of {len(right)})")
    return right.mean()


def write_files(folder, classifier, pixels, classes):
    """Writes the model, the labels and, of each class, the first held-out picture, well recognised or not."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    onnx_file.write(folder / "classifier.onnx", classifier, shapes.LABELS, shapes.SIZE)
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in shapes.LABELS))
    for index, label in enumerate(shapes.LABELS):
        shapes.write_pgm(images / f"{label}.pgm", pixels[np.argmax(classes == index)])


def main():
    parser = argparse.ArgumentParser(description="Trains the shape classifier and writes it as ONNX.")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent, metavar="DIR",
                        help="folder for classifier.onnx, labels.txt and images/ (default: this script's)")
    arguments = parser.parse_args()

    classifier = train(*shapes.draw_set(TRAIN_SEED, TRAIN_PER_CLASS))
    pixels, classes = shapes.draw_set(HELD_OUT_SEED, HELD_OUT_PER_CLASS)
    accuracy = print_accuracy(predict(classifier, pixels), classes)
    if accuracy < REQUIRED_ACCURACY:
        print(f"train: accuracy {accuracy:.2%} is below {REQUIRED_ACCURACY:.0%}; nothing written", file=sys.stderr)
        return 1
    write_files(arguments.out, classifier, pixels, classes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
