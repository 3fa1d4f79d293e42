// Convolutions on matrix units against plain loops: random windows over one to three axes.
#include "kernels/halves.hpp"
#include "kernels/launch.hpp"

using namespace tests;

namespace {

struct Problem {
  simt::ConvParams params;
  std::vector<uint16_t> x, w, bias, residual, y;
  bool bfloat;

  size_t positions(const int64_t* sizes) const { return static_cast<size_t>(sizes[0] * sizes[1] * sizes[2]); }

  double expected(uint64_t image, uint64_t filter, int64_t a, int64_t b, int64_t c) const {
    const auto& p = params;
    const auto& win = p.window;
    const uint64_t group = filter / p.filters;
    double sum = rounded(bias[filter], bfloat);
    for (uint64_t channel = 0; channel < p.depth; ++channel)
      for (int64_t s = 0; s < win.taps[0]; ++s)
        for (int64_t t = 0; t < win.taps[1]; ++t)
          for (int64_t u = 0; u < win.taps[2]; ++u) {
            const int64_t at[] = {a * win.stride[0] - win.pad[0] + s * win.dilation[0],
                                  b * win.stride[1] - win.pad[1] + t * win.dilation[1],
                                  c * win.stride[2] - win.pad[2] + u * win.dilation[2]};
            bool inside = true;
            for (int axis = 0; axis < 3; ++axis) inside &= at[axis] >= 0 && at[axis] < win.wide[axis];
            if (!inside) continue;
            const size_t from =
                ((((image * p.groups + group) * p.depth + channel) * win.wide[0] + at[0]) * win.wide[1] + at[1]) *
                    win.wide[2] +
                at[2];
            const size_t tap = (((filter * p.depth + channel) * win.taps[0] + s) * win.taps[1] + t) * win.taps[2] + u;
            sum += double{rounded(x[from], bfloat)} * rounded(w[tap], bfloat);
          }
    return sum;
  }
};

Problem random_problem(std::mt19937& random) {
  const auto from = [&](int least, int most) { return least + static_cast<int64_t>(random() % (most - least + 1)); };
  Problem q{};
  auto& p = q.params;
  q.bfloat = random() % 2;
  p.images = from(1, 3);
  p.groups = from(1, 2);
  p.filters = from(1, 70);
  p.depth = from(1, 12);
  const int axes = static_cast<int>(from(1, 3));
  for (int axis = 0; axis < 3; ++axis) {
    auto& win = p.window;
    const bool used = axis >= 3 - axes;
    win.taps[axis] = used ? from(1, 3) : 1;
    win.stride[axis] = used && random() % 2 ? from(1, 3) : 1;
    win.dilation[axis] = used ? from(1, 2) : 1;
    win.pad[axis] = used ? from(0, 2) : 0;
    win.narrow[axis] = used ? from(1, axis == 2 ? 20 : 5) : 1;
    // Whatever is left of x behind the last window, or missing there.
    const int64_t reach = (win.narrow[axis] - 1) * win.stride[axis] + (win.taps[axis] - 1) * win.dilation[axis] + 1;
    win.wide[axis] = used ? std::max<int64_t>(1, reach - win.pad[axis] - from(0, 2) + from(0, 2)) : 1;
  }
  return q;
}

void check(Problem& q, uint32_t tile, Order order) {
  auto& p = q.params;
  const size_t wide = q.positions(p.window.wide), narrow = q.positions(p.window.narrow);
  const size_t filters = p.groups * p.filters, taps = q.positions(p.window.taps);
  q.x = halves(p.images * p.groups * p.depth * wide, q.bfloat);
  q.w = halves(filters * p.depth * taps, q.bfloat);
  q.bias = halves(filters, q.bfloat);
  q.residual = halves(p.images * filters * narrow, q.bfloat);
  q.y.assign(p.images * filters * narrow, 0);
  p.x = address(q.x);
  p.w = address(q.w);
  p.bias = address(q.bias);
  p.residual = address(q.residual);
  p.y = address(q.y);
  p.activation = simt::kActivationRelu;
  p.tiles_n = static_cast<uint32_t>((p.images * narrow + tile - 1) / tile);
  const uint32_t step = simt::kFragmentStepBytes / 2, threads = 2 * tile / simt::kFragmentWarpColumns * SIMT_WARP;
  const uint32_t shared = 2 * 2 * (tile * (step + 8) + step * (tile + 8));
  const std::string body = std::string("fragment_conv<") + (q.bfloat ? "bf16, " : "f16, ") + std::to_string(tile) + ">";
  REQUIRE(launch(body, p, 2, threads, shared, order) == "");
  for (uint64_t at = 0; at < q.y.size(); ++at) {
    const uint64_t image = at / narrow / filters, filter = at / narrow % filters, position = at % narrow;
    const int64_t b = p.window.narrow[1], c = p.window.narrow[2], o = static_cast<int64_t>(position);
    const double sum = q.expected(image, filter, o / (b * c), o / c % b, o % c) + rounded(q.residual[at], q.bfloat);
    REQUIRE(rounded(q.y[at], q.bfloat) ==
            Approx(std::max(sum, 0.0)).epsilon(q.bfloat ? 0.008 : 0.001).margin(q.bfloat ? 1e-2 : 1e-3));
  }
}

}  // namespace

TEST_CASE("convolutions on matrix units are right for random windows", "[simt]") {
  std::mt19937 random(tests::seed());
  for (int round = 0; round < 24; ++round) {
    Problem q = random_problem(random);
    const auto& win = q.params.window;
    INFO("seed " << tests::seed() << ", round " << round << ": " << q.params.images << " images, " << q.params.groups
                 << " groups of " << q.params.filters << " filters, depth " << q.params.depth);
    for (int axis = 0; axis < 3; ++axis)
      UNSCOPED_INFO("axis of " << win.wide[axis] << " to " << win.narrow[axis] << ", taps " << win.taps[axis]
                               << ", stride " << win.stride[axis] << ", pad " << win.pad[axis] << ", dilation "
                               << win.dilation[axis]);
    check(q, round % 3 == 2 ? 128 : 64, kOrders[round % 3]);
  }
}
