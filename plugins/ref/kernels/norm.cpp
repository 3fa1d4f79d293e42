// Normalisations with biased statistics, each over its own groups of elements.
//   layer_norm, rms_norm, fused_residual_norm: over axis … end      layer_norm_2d: over C at each pixel
//   group_norm, instance_norm: over the spatial dims of one or more channels      batch_norm: given statistics
//   l2_norm: x / max(√Σx², eps), 0/0 = 0      lrn: x / (bias + alpha/size · Σ_window x²)^beta
#include "kernel.hpp"
#include "number.hpp"

#include <algorithm>

namespace rlx::ref::kernels {

namespace {

// Weights of a norm; absent ones are 1 and 0.
struct Affine {
  std::vector<double> gamma, beta;
  double operator()(double x, uint64_t i) const {
    return x * (gamma.empty() ? 1 : gamma[i]) + (beta.empty() ? 0 : beta[i]);
  }
};

Affine load_affine(const Call& call, uint32_t gamma, uint32_t beta) {
  return {call.has(gamma) ? load<double>(call.in(gamma)) : std::vector<double>{},
          call.has(beta) ? load<double>(call.in(beta)) : std::vector<double>{}};
}

// Makes `count` values that are `stride` apart have mean 0 and variance 1.
void standardise(double* x, uint64_t count, uint64_t stride, double eps) {
  double mean = 0, variance = 0;
  for (uint64_t i = 0; i < count; ++i) mean += x[i * stride];
  mean /= static_cast<double>(count);
  for (uint64_t i = 0; i < count; ++i) variance += (x[i * stride] - mean) * (x[i * stride] - mean);
  variance /= static_cast<double>(count);
  for (uint64_t i = 0; i < count; ++i) x[i * stride] = (x[i * stride] - mean) / std::sqrt(variance + eps);
}

// Makes `count` neighbours have mean square 1.
void scale_to_unit(double* x, uint64_t count, double eps) {
  double squares = 0;
  for (uint64_t i = 0; i < count; ++i) squares += x[i] * x[i];
  const double rms = std::sqrt(squares / static_cast<double>(count) + eps);
  for (uint64_t i = 0; i < count; ++i) x[i] /= rms;
}

// Over axis … end of x, into y.
void trailing_norm(const Call& call, const Tensor& x, const Tensor& y, bool rms, const Affine& affine) {
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const uint64_t rows = count_of(x.dims.first(axis)), width = count_of(x.dims.subspan(axis));
  const double eps = call.node.f("eps");
  std::vector<double> values = load<double>(x);
  for (uint64_t r = 0; r < rows; ++r) {
    double* row = values.data() + r * width;
    if (rms)
      scale_to_unit(row, width, eps);
    else
      standardise(row, width, 1, eps);
    for (uint64_t i = 0; i < width; ++i) row[i] = affine(row[i], i);
  }
  store(y, values);
}

// Over each of `groups` groups of channels with all their positions.
void grouped_norm(const Call& call, uint64_t groups) {
  const AxisSplit c = split_at(call.in(0).dims, 1);
  const Affine affine = load_affine(call, 1, 2);
  const uint64_t size = c.size / groups * c.inner;
  std::vector<double> y = load<double>(call.in(0));
  for (uint64_t g = 0; g < c.outer * groups && size > 0; ++g) standardise(&y[g * size], size, 1, call.node.f("eps"));
  for (uint64_t i = 0; i < y.size(); ++i) y[i] = affine(y[i], i / c.inner % c.size);
  store(call.out(), y);
}

}  // namespace

void layer_norm(const Call& call) {
  trailing_norm(call, call.in(0), call.out(), false, load_affine(call, 1, 2));
}

void rms_norm(const Call& call) {
  trailing_norm(call, call.in(0), call.out(), true, load_affine(call, 1, 2));
}

// The norm sees the sum as it was stored, as the unfused ops would.
void fused_residual_norm(const Call& call) {
  const Tensor& sum = call.out(1);
  std::vector<double> values = load<double>(call.in(0));
  const std::vector<double> residual = load<double>(call.in(1));
  for (size_t i = 0; i < values.size(); ++i) values[i] += residual[i];
  store(sum, values);
  trailing_norm(call, sum, call.out(0), call.node.s("kind") == "rms", load_affine(call, 2, 3));
}

void layer_norm_2d(const Call& call) {
  const AxisSplit c = split_at(call.in(0).dims, 1);
  const Affine affine = load_affine(call, 1, 2);
  std::vector<double> y = load<double>(call.in(0));
  for (uint64_t o = 0; o < c.outer; ++o)
    for (uint64_t n = 0; n < c.inner && c.size > 0; ++n)
      standardise(&y[c.at(o, 0, n)], c.size, c.inner, call.node.f("eps"));
  for (uint64_t i = 0; i < y.size(); ++i) y[i] = affine(y[i], i / c.inner % c.size);
  store(call.out(), y);
}

void group_norm(const Call& call) {
  grouped_norm(call, static_cast<uint64_t>(call.node.i("groups")));
}

void instance_norm(const Call& call) {
  grouped_norm(call, std::max<uint64_t>(call.in(0).dim(1), 1));
}

void batch_norm(const Call& call) {
  const AxisSplit c = split_at(call.in(0).dims, 1);
  const Affine affine = load_affine(call, 1, 2);
  const std::vector<double> mean = load<double>(call.in(3)), variance = load<double>(call.in(4));
  const double eps = call.node.f("eps");
  std::vector<double> y = load<double>(call.in(0));
  for (uint64_t i = 0; i < y.size(); ++i) {
    const uint64_t channel = i / c.inner % c.size;
    y[i] = affine((y[i] - mean[channel]) / std::sqrt(variance[channel] + eps), channel);
  }
  store(call.out(), y);
}

void l2_norm(const Call& call) {
  const AxisSplit axis = split_at(call.in(0).dims, static_cast<size_t>(call.node.i("axis")));
  const double eps = call.node.f("eps");
  std::vector<double> y = load<double>(call.in(0));
  for (uint64_t o = 0; o < axis.outer; ++o)
    for (uint64_t n = 0; n < axis.inner; ++n) {
      double squares = 0;
      for (uint64_t i = 0; i < axis.size; ++i) squares += y[axis.at(o, i, n)] * y[axis.at(o, i, n)];
      const double norm = max(std::sqrt(squares), eps);
      for (uint64_t i = 0; i < axis.size; ++i) {
        double& v = y[axis.at(o, i, n)];
        if (norm != 0) v /= norm;  // else all are zero and stay so
      }
    }
  store(call.out(), y);
}

void lrn(const Call& call) {
  const AxisSplit c = split_at(call.in(0).dims, 1);
  const int64_t size = call.node.i("size"), channels = static_cast<int64_t>(c.size);
  const double alpha = call.node.f("alpha"), beta = call.node.f("beta"), bias = call.node.f("bias");
  const std::vector<double> x = load<double>(call.in(0));
  std::vector<double> y(x.size());
  for (uint64_t o = 0; o < c.outer; ++o)
    for (int64_t i = 0; i < channels; ++i)
      for (uint64_t n = 0; n < c.inner; ++n) {
        const int64_t first = std::max<int64_t>(i - (size - 1) / 2, 0);
        const int64_t last = std::min<int64_t>(i + size / 2, channels - 1);
        double squares = 0;
        for (int64_t j = first; j <= last; ++j) {
          const double v = x[c.at(o, static_cast<uint64_t>(j), n)];
          squares += v * v;
        }
        const uint64_t at = c.at(o, static_cast<uint64_t>(i), n);
        y[at] = x[at] / std::pow(bias + alpha / static_cast<double>(size) * squares, beta);
      }
  store(call.out(), y);
}

}  // namespace rlx::ref::kernels
