// Softmax along an axis and the loss on top of it.
//   softmax: e^(x − max) / Σ e^(x − max)      log_softmax: its logarithm
//   softmax_cross_entropy: −log softmax at the label; rows whose label is ignore_index count 0
#include "kernel.hpp"
#include "number.hpp"

#include <algorithm>

namespace rlx::ref::kernels {

namespace {

// A row of `size` elements that are `stride` apart: its maximum and Σ e^(x − max).
struct RowSum {
  double max, sum;
  double probability(double x) const { return std::exp(x - max) / sum; }
  double log_probability(double x) const { return x - max - std::log(sum); }
};

RowSum sum_row(const double* x, uint64_t size, uint64_t stride) {
  RowSum row{lowest_of<double>(RLX_DTYPE_F64), 0};
  for (uint64_t i = 0; i < size; ++i) row.max = max(row.max, x[i * stride]);
  for (uint64_t i = 0; i < size; ++i) row.sum += std::exp(x[i * stride] - row.max);
  return row;
}

using RowFunction = double (RowSum::*)(double) const;

void apply_by_row(const Call& call, RowFunction f) {
  const AxisSplit axis = split_at(call.in(0).dims, static_cast<size_t>(call.node.i("axis")));
  const std::vector<double> x = load<double>(call.in(0));
  std::vector<double> y(x.size());
  for (uint64_t o = 0; o < axis.outer; ++o)
    for (uint64_t n = 0; n < axis.inner && axis.size > 0; ++n) {
      const RowSum row = sum_row(&x[axis.at(o, 0, n)], axis.size, axis.inner);
      for (uint64_t i = 0; i < axis.size; ++i) y[axis.at(o, i, n)] = (row.*f)(x[axis.at(o, i, n)]);
    }
  store(call.out(), y);
}

// The rows of a cross entropy that count, each with its label as a position.
struct Labels {
  std::vector<int64_t> of_row;  // kIgnored or a class
  uint64_t counted = 0;
};
constexpr int64_t kIgnored = -1;

Labels load_labels(const Call& call) {
  const int64_t ignore = call.node.i("ignore_index"), classes = static_cast<int64_t>(call.in(0).dim(1));
  Labels labels{load<int64_t>(call.in(1)), 0};
  for (int64_t& label : labels.of_row) {
    if (label == ignore) {
      label = kIgnored;
      continue;
    }
    if (label < 0 || label >= classes)
      throw sdk::Error(RLX_OUT_OF_RANGE, call.node.label() + ": label " + std::to_string(label) + " out of range for " +
                                             std::to_string(classes) + " classes");
    ++labels.counted;
  }
  return labels;
}

}  // namespace

void softmax(const Call& call) {
  apply_by_row(call, &RowSum::probability);
}

void log_softmax(const Call& call) {
  apply_by_row(call, &RowSum::log_probability);
}

void softmax_cross_entropy(const Call& call) {
  const std::string_view reduction = call.node.s("reduction");
  const uint64_t classes = call.in(0).dim(1);
  const std::vector<double> x = load<double>(call.in(0));
  const Labels labels = load_labels(call);
  std::vector<double> loss(labels.of_row.size(), 0.0);
  double sum = 0;
  for (size_t row = 0; row < loss.size(); ++row) {
    if (labels.of_row[row] == kIgnored) continue;
    const double* logits = &x[row * classes];
    loss[row] = -sum_row(logits, classes, 1).log_probability(logits[labels.of_row[row]]);
    sum += loss[row];
  }
  if (reduction == "mean") sum /= static_cast<double>(labels.counted);
  store(call.out(), reduction == "none" ? loss : std::vector<double>{sum});
}

void softmax_cross_entropy_backward(const Call& call) {
  const std::string_view reduction = call.node.s("reduction");
  const uint64_t classes = call.in(0).dim(1);
  const std::vector<double> x = load<double>(call.in(0)), dy = load<double>(call.in(2));
  const Labels labels = load_labels(call);
  std::vector<double> dx(x.size(), 0.0);
  for (size_t row = 0; row < labels.of_row.size(); ++row) {
    if (labels.of_row[row] == kIgnored) continue;
    double weight = reduction == "none" ? dy[row] : dy[0];
    if (reduction == "mean") weight /= static_cast<double>(labels.counted);
    const double* logits = &x[row * classes];
    const RowSum sum = sum_row(logits, classes, 1);
    for (uint64_t c = 0; c < classes; ++c) {
      const double target = static_cast<int64_t>(c) == labels.of_row[row] ? 1 : 0;
      dx[row * classes + c] = weight * (sum.probability(logits[c]) - target);
    }
  }
  store(call.out(), dx);
}

}  // namespace rlx::ref::kernels
