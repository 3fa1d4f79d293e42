// Gradients of the normalisations. With x̂ the normalised x and g = dy·γ, over each group of elements that is normalised
// together:  layer, group: dx = (g − mean(g) − x̂·mean(g·x̂)) / σ      rms: dx = (g − x̂·mean(g·x̂)) / rms
// dγ = Σ dy·x̂ and dβ = Σ dy over everything but γ's axes.
#include "kernel.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

// How a norm groups its elements. Group r is the elements r·width … (r+1)·width; element i has weight weight_of(i).
struct Geometry {
  uint64_t rows, width;             // groups
  uint64_t weights, weight_repeat;  // γ's size, and how many neighbours share an entry of it
  bool centred;                     // layer and group subtract the mean, rms does not
  uint64_t weight_of(uint64_t i) const { return i / weight_repeat % weights; }
};

Geometry trailing(const Call& call, bool centred) {
  const Tensor& x = call.in(0);
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const uint64_t width = count_of(x.dims.subspan(axis));
  return {count_of(x.dims.first(axis)), width, width, 1, centred};
}

Geometry grouped(const Call& call, uint64_t groups) {
  const AxisSplit c = split_at(call.in(0).dims, 1);
  return {c.outer * groups, c.size / groups * c.inner, c.size, c.inner, true};
}

struct Normalised {
  std::vector<double> values;  // x̂
  std::vector<double> scale;   // σ or rms of each group
};

Normalised normalise(const Call& call, const Geometry& g) {
  Normalised x{load<double>(call.in(0)), {}};
  const double eps = call.node.f("eps"), count = static_cast<double>(g.width);
  for (uint64_t r = 0; r < g.rows; ++r) {
    double* row = x.values.data() + r * g.width;
    double mean = 0, squares = 0;
    for (uint64_t i = 0; i < g.width && g.centred; ++i) mean += row[i] / count;
    for (uint64_t i = 0; i < g.width; ++i) squares += (row[i] - mean) * (row[i] - mean);
    x.scale.push_back(std::sqrt(squares / count + eps));
    for (uint64_t i = 0; i < g.width; ++i) row[i] = (row[i] - mean) / x.scale.back();
  }
  return x;
}

void backward_input(const Call& call, const Geometry& g) {
  const Normalised x = normalise(call, g);
  const std::vector<double> gamma = load<double>(call.in(1));
  std::vector<double> dx = load<double>(call.in(2));
  for (uint64_t i = 0; i < dx.size(); ++i) dx[i] *= gamma[g.weight_of(i)];
  for (uint64_t r = 0; r < g.rows; ++r) {
    double* row = dx.data() + r * g.width;
    const double* normal = x.values.data() + r * g.width;
    double mean = 0, mean_product = 0;
    for (uint64_t i = 0; i < g.width; ++i) {
      mean += row[i] / static_cast<double>(g.width);
      mean_product += row[i] * normal[i] / static_cast<double>(g.width);
    }
    if (!g.centred) mean = 0;
    for (uint64_t i = 0; i < g.width; ++i) row[i] = (row[i] - mean - normal[i] * mean_product) / x.scale[r];
  }
  store(call.out(), dx);
}

void backward_gamma(const Call& call, const Geometry& g) {
  const Normalised x = normalise(call, g);
  const std::vector<double> dy = load<double>(call.in(1));
  std::vector<double> sum(g.weights);
  for (uint64_t i = 0; i < dy.size(); ++i) sum[g.weight_of(i)] += dy[i] * x.values[i];
  store(call.out(), sum);
}

void backward_beta(const Call& call, const Geometry& g) {
  const std::vector<double> dy = load<double>(call.in(0));
  std::vector<double> sum(g.weights);
  for (uint64_t i = 0; i < dy.size(); ++i) sum[g.weight_of(i)] += dy[i];
  store(call.out(), sum);
}

uint64_t groups_of(const Call& call) {
  return static_cast<uint64_t>(call.node.i("groups"));
}

}  // namespace

void layer_norm_backward_input(const Call& call) {
  backward_input(call, trailing(call, true));
}
void layer_norm_backward_gamma(const Call& call) {
  backward_gamma(call, trailing(call, true));
}
void layer_norm_backward_beta(const Call& call) {
  backward_beta(call, trailing(call, true));
}

void rms_norm_backward_input(const Call& call) {
  backward_input(call, trailing(call, false));
}
void rms_norm_backward_gamma(const Call& call) {
  backward_gamma(call, trailing(call, false));
}
void rms_norm_backward_beta(const Call& call) {
  backward_beta(call, trailing(call, false));
}

void group_norm_backward_input(const Call& call) {
  backward_input(call, grouped(call, groups_of(call)));
}
void group_norm_backward_gamma(const Call& call) {
  backward_gamma(call, grouped(call, groups_of(call)));
}
void group_norm_backward_beta(const Call& call) {
  backward_beta(call, grouped(call, 1));
}

}  // namespace rlx::ref::kernels
