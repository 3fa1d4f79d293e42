// When two results count as equal. The reference computes in double and rounds once; a device may round along the way,
// which costs a few units in the last place of the values it adds up.
#include "run.hpp"

#include "../agree.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace conformance {
namespace {

constexpr size_t kReported = 3;

struct Tolerance {
  double relative, absolute;
};

Tolerance tolerance_of(DType dtype, double factor) {
  switch (dtype) {
    case DType::kF64:
      return {1e-13 * factor, 1e-13 * factor};
    // Halves are summed in f32: a long sum is no less exact than a short one, beyond a few roundings.
    case DType::kF16:
      return {1e-3 * std::min(factor, 4.0), 5e-4 * std::min(factor, 4.0)};
    case DType::kBF16:
      return {8e-3 * std::min(factor, 4.0), 4e-3 * std::min(factor, 4.0)};
    default:
      return {2e-6 * factor, 1e-6 * factor};
  }
}

// Collects the first differing elements of one output.
class Report {
 public:
  Report(size_t output, const rlx::TensorType& type) : output_(output), type_(type) {}

  template <typename T>
  void add(size_t i, T actual, T expected) {
    if (++count_ > kReported) return;
    text_ << (count_ > 1 ? ", " : "") << '[' << i << "] " << actual << " instead of " << expected;
  }
  std::string text() const {
    if (count_ == 0) return {};
    std::ostringstream out;
    out.precision(9);
    out << "output " << output_ << ' ' << rlx::to_string(type_) << ": " << count_
        << " elements differ: " << text_.str();
    return out.str();
  }

 private:
  size_t output_, count_ = 0;
  rlx::TensorType type_;
  std::ostringstream text_;
};

void compare_floats(const rlx::Tensor& actual, const rlx::Tensor& expected, double factor, Report& report) {
  const DType dtype = actual.dtype() == DType::kC64 ? DType::kF32 : actual.dtype();
  const size_t count = actual.bytes() / rlx::size_of(dtype);
  std::vector<double> a(count), b(count);
  rlx::convert(dtype, actual.data(), DType::kF64, a.data(), count);
  rlx::convert(dtype, expected.data(), DType::kF64, b.data(), count);
  const Tolerance tolerance = tolerance_of(dtype, factor);
  for (size_t i = 0; i < count; ++i)
    if (!tests::agree(a[i], b[i], tolerance.relative, tolerance.absolute)) report.add(i, a[i], b[i]);
}

void compare_integers(const rlx::Tensor& actual, const rlx::Tensor& expected, double slack, Report& report) {
  const size_t count = static_cast<size_t>(actual.shape().elements());
  std::vector<int64_t> a(count), b(count);
  rlx::convert(actual.dtype(), actual.data(), DType::kI64, a.data(), count);
  rlx::convert(expected.dtype(), expected.data(), DType::kI64, b.data(), count);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t distance = a[i] > b[i] ? uint64_t(a[i]) - uint64_t(b[i]) : uint64_t(b[i]) - uint64_t(a[i]);
    if (distance > static_cast<uint64_t>(slack)) report.add(i, a[i], b[i]);
  }
}

}  // namespace

std::string difference(const Case& c, const std::vector<rlx::Tensor>& actual,
                       const std::vector<rlx::Tensor>& expected) {
  if (actual.size() != expected.size()) return "another number of outputs";
  for (size_t i = 0; i < actual.size(); ++i) {
    if (actual[i].type() != expected[i].type())
      return "output " + std::to_string(i) + " has type " + rlx::to_string(actual[i].type()) + " instead of " +
             rlx::to_string(expected[i].type());
    Report report(i, actual[i].type());
    if (rlx::is_float(actual[i].dtype()) || actual[i].dtype() == DType::kC64) {
      compare_floats(actual[i], expected[i], c.tolerance, report);
    } else {
      compare_integers(actual[i], expected[i], c.integer_slack, report);
    }
    if (std::string text = report.text(); !text.empty()) return text;
  }
  return {};
}

}  // namespace conformance
