// Reading test sets and comparing tensors.

#include "testset.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace rlx::tools {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& dir, const char* kind, size_t i) {
  return dir + "/" + kind + "_" + std::to_string(i) + ".pb";
}

Result<std::vector<NamedTensor>> read_all(const std::string& dir, const char* kind,
                                          const std::vector<std::string>& names) {
  std::vector<NamedTensor> tensors;
  for (size_t i = 0; fs::exists(file_name(dir, kind, i)); ++i) {
    if (i >= names.size())
      return error(Code::kInvalidArgument,
                   file_name(dir, kind, i) + ": the model has " + std::to_string(names.size()) + " " + kind + "s");
    RLX_ASSIGN(NamedTensor t, onnx::read_tensor(file_name(dir, kind, i)));
    // Files made for a model by position carry other names now and then; the position decides unless the name is known.
    if (std::find(names.begin(), names.end(), t.name) == names.end()) t.name = names[i];
    tensors.push_back(std::move(t));
  }
  return tensors;
}

std::string position(size_t flat, const Shape& shape) {
  std::string s = "[";
  const auto strides = shape.strides();
  for (size_t i = 0; i < shape.rank(); ++i)
    s += (i ? ", " : "") + std::to_string(static_cast<int64_t>(flat) / strides[i] % shape[i]);
  return s + "]";
}

}  // namespace

std::vector<double> numbers_of(const TensorView& t) {
  const bool complex = t.type.dtype == DType::kC64;
  std::vector<double> v(static_cast<size_t>(t.type.shape.elements()) * (complex ? 2 : 1));
  convert(complex ? DType::kF32 : t.type.dtype, t.data, DType::kF64, v.data(), v.size());
  return v;
}

std::vector<std::string> find_test_sets(const std::string& dir) {
  std::vector<std::string> sets;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(dir, ec)) {
    if (entry.path().filename().string().rfind("test_data_set_", 0) == 0) sets.push_back(entry.path().string());
  }
  std::sort(sets.begin(), sets.end());
  if (sets.empty() && (fs::exists(file_name(dir, "input", 0), ec) || fs::exists(file_name(dir, "output", 0), ec)))
    sets.push_back(dir);
  return sets;
}

Result<TestSet> read_test_set(const std::string& dir, const onnx::Model& model) {
  std::vector<std::string> names;
  for (const Port& p : model.inputs()) names.push_back(p.name);
  TestSet set;
  RLX_ASSIGN(set.inputs, read_all(dir, "input", names));
  RLX_ASSIGN(set.outputs, read_all(dir, "output", model.output_names()));
  // A comparison with nothing would succeed.
  if (set.outputs.empty()) return error(Code::kNotFound, dir + ": no output_0.pb to compare with");
  return set;
}

Comparison compare(std::string_view name, const TensorView& got, const TensorView& want, const Tolerance& tolerance) {
  Comparison c;
  const std::string who = "output '" + std::string(name) + "': ";
  if (got.type != want.type) {
    c.text = who + "got " + to_string(got.type) + ", want " + to_string(want.type);
    return c;
  }
  const std::vector<double> a = numbers_of(got), b = numbers_of(want);
  const size_t n = b.size(), per_element = want.type.dtype == DType::kC64 ? 2 : 1;
  const bool exact = !is_float(want.type.dtype) && per_element == 1;
  const size_t size = size_of(want.type.dtype);
  const auto* got_bytes = static_cast<const std::byte*>(got.data);
  const auto* want_bytes = static_cast<const std::byte*>(want.data);
  double largest = 0;
  size_t wrong = 0, first = 0;
  for (size_t i = 0; i < n; ++i) {
    if (std::isfinite(b[i])) largest = std::max(largest, std::fabs(b[i]));
    // Integers by their bytes: a double does not hold all of 64 bits.
    const bool same = exact ? std::memcmp(got_bytes + i * size, want_bytes + i * size, size) == 0
                            : a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    const double difference = same ? 0 : std::fabs(a[i] - b[i]);
    if (std::isfinite(difference)) c.max_absolute = std::max(c.max_absolute, difference);
    // Any number would be within the tolerance of an infinity.
    const bool near = std::isfinite(b[i]) && difference <= tolerance.absolute + tolerance.relative * std::fabs(b[i]);
    if (!same && (exact || !near) && wrong++ == 0) first = i;
  }
  c.max_relative = largest > 0 ? c.max_absolute / largest : c.max_absolute;
  c.equal = wrong == 0;
  if (!c.equal)
    c.text = who + std::to_string(wrong) + " of " + std::to_string(n) + " elements differ, first at " +
             position(first / per_element, want.type.shape) + ": got " + std::to_string(a[first]) + ", want " +
             std::to_string(b[first]);
  return c;
}

}  // namespace rlx::tools
