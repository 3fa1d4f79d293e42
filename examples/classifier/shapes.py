"""Draws the pictures the classifier learns from: one shape each, 32x32 pixels, 8-bit gray.

Every outline is a polygon, so that one signed-distance function draws all classes, filled or stroked, with smooth
edges. Called by train.py; all randomness comes from the generator that is passed in.
"""
import numpy as np

SIZE = 32


def _polar(radii, degrees):
    angles = np.radians(degrees)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)


def _regular(corners):
    return _polar(np.ones(corners), np.arange(corners) * 360.0 / corners)


def _star():
    return _polar(np.tile([1.0, 0.42], 5), np.arange(10) * 36.0)


def _cross(arm=0.3):
    quarter = np.array([[1.0, -arm], [1.0, arm], [arm, arm]])
    left_turn = np.array([[0, 1], [-1, 0]])
    return np.concatenate([quarter @ np.linalg.matrix_power(left_turn, turns) for turns in range(4)])


def _heart():
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=-1) / 17.0


def _arrow():
    return np.array([[1, 0], [0.2, 0.65], [0.2, 0.22], [-1, 0.22], [-1, -0.22], [0.2, -0.22], [0.2, -0.65]])


def _crescent():
    # The inner arc bulges the same way as the outer one and meets it at the two tips.
    outer = _polar(np.ones(17), np.linspace(60, 300, 17))
    centre = 0.75
    tip = outer[0] - [centre, 0]
    reach = np.degrees(np.arctan2(tip[1], tip[0]))
    inner = _polar(np.full(13, np.hypot(*tip)), np.linspace(360 - reach, reach, 13)) + [centre, 0]
    return np.concatenate([outer, inner[1:-1]]) + [0.3, 0]


# Corners in units of the shape's radius, around its middle. The index in this table is the class.
OUTLINES = {
    "arrow": _arrow(),
    "circle": _regular(28),
    "crescent": _crescent(),
    "cross": _cross(),
    "heart": _heart(),
    "square": _regular(4),
    "star": _star(),
    "triangle": _regular(3),
}
LABELS = tuple(OUTLINES)


def signed_distance(points_x, points_y, corners):
    """Returns the distance to the polygon's edge, negative inside; any point shape, in the corners' unit."""
    nearest_squared = np.full(points_x.shape, np.inf, np.float32)
    inside = np.zeros(points_x.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0)):
        ex, ey = np.float32(bx - ax), np.float32(by - ay)
        px, py = points_x - np.float32(ax), points_y - np.float32(ay)
        along = np.clip((px * ex + py * ey) / (ex * ex + ey * ey), 0, 1)
        np.minimum(nearest_squared, (px - along * ex) ** 2 + (py - along * ey) ** 2, out=nearest_squared)
        # Even-odd rule: each edge that a ray to the right crosses flips the side.
        if ey != 0:
            inside ^= ((py >= 0) != (py >= ey)) & (px < py * (ex / ey))
    return np.where(inside, -1, 1) * np.sqrt(nearest_squared)


def _per_image(rng, count):
    """Returns a function that draws one number for each of `count` pictures, shaped to broadcast over its pixels."""
    return lambda low, high: rng.uniform(low, high, (count, 1, 1)).astype(np.float32)


def _coverage(rng, corners, count):
    """Returns how much of each pixel the shape covers, [count, SIZE, SIZE] in 0..1."""
    per_image = _per_image(rng, count)
    radius = per_image(8, 13)
    # A shape may touch the border but leaves the picture by no more than a tip.
    room = SIZE / 2 - radius
    centre_x, centre_y = (SIZE / 2 + room * per_image(-1, 1) for _ in range(2))
    angle = per_image(0, 2 * np.pi)
    pixel = np.arange(SIZE, dtype=np.float32) + 0.5
    dx, dy = pixel[None, None, :] - centre_x, pixel[None, :, None] - centre_y
    cos, sin = np.cos(angle) / radius, np.sin(angle) / radius
    distance = signed_distance(dx * cos + dy * sin, dy * cos - dx * sin, corners) * radius
    stroke = per_image(1.2, 2.4)
    stroked = per_image(0, 1) < 0.5
    return np.clip(0.5 - np.where(stroked, np.abs(distance) - stroke / 2, distance), 0, 1)


def _shade(rng, coverage):
    """Gives ink and paper random grays, lights them unevenly, adds noise; returns u8 pixels."""
    per_image = _per_image(rng, len(coverage))
    contrast = per_image(0.4, 0.9)
    darkest = per_image(0, 1) * (1 - contrast)
    ink = np.where(per_image(0, 1) < 0.5, coverage, 1 - coverage)
    ramp = np.linspace(-0.5, 0.5, SIZE, dtype=np.float32)
    light = per_image(-0.2, 0.2) * ramp[None, None, :] + per_image(-0.2, 0.2) * ramp[None, :, None]
    noise = per_image(0, 0.06) * rng.standard_normal(coverage.shape, dtype=np.float32)
    gray = darkest + contrast * ink + light + noise
    return np.rint(np.clip(gray, 0, 1) * 255).astype(np.uint8)


def draw_set(seed, per_class):
    """Returns (pixels u8 [N, SIZE, SIZE], classes i64 [N]) with N = per_class * len(LABELS), shuffled."""
    rng = np.random.default_rng(seed)
    pixels = np.concatenate([_shade(rng, _coverage(rng, corners, per_class)) for corners in OUTLINES.values()])
    classes = np.repeat(np.arange(len(LABELS)), per_class)
    order = rng.permutation(len(classes))
    return pixels[order], classes[order]


def to_input(pixels):
    """Returns the network's input, f32 [N, 1, SIZE, SIZE] in 0..1, so that a pixel is its byte / 255."""
    return pixels[..., None].astype(np.float32) / np.float32(255)


def write_pgm(path, pixels):
    """Writes one u8 [SIZE, SIZE] picture as binary PGM, which every image viewer reads."""
    height, width = pixels.shape
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + pixels.tobytes())


def read_pgm(path):
    """Reads what write_pgm wrote (no comments in the header) as u8 [height, width]."""
    magic, size, limit, raster = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    if magic != b"P5" or limit != b"255" or len(raster) != width * height:
        raise ValueError(f"{path}: not an 8-bit binary PGM of {width}x{height}")
    return np.frombuffer(raster, np.uint8).reshape(height, width)
