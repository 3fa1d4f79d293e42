// Reading test sets and comparing tensors.

#include "testset.hpp"

#include <algorithm>
#include <cmath>
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

std::vector<double> as_double(const TensorView& t, size_t n) {
  std::vector<double> v(n);
  convert(t.type.dtype, t.data, DType::kF64, v.data(), n);
  return v;
}

}  // namespace

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
  return set;
}

Comparison compare(std::string_view name, const TensorView& got, const TensorView& want, const Tolerance& tolerance) {
  Comparison c;
  const std::string who = "output '" + std::string(name) + "': ";
  if (got.type != want.type) {
    c.text = who + "got " + to_string(got.type) + ", want " + to_string(want.type);
    return c;
  }
  const auto n = static_cast<size_t>(want.type.shape.elements());
  const std::vector<double> a = as_double(got, n), b = as_double(want, n);
  const bool exact = !is_float(want.type.dtype) && want.type.dtype != DType::kC64;
  double largest = 0;
  size_t wrong = 0, first = 0;
  for (size_t i = 0; i < n; ++i) {
    if (std::isfinite(b[i])) largest = std::max(largest, std::fabs(b[i]));
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    const double difference = same ? 0 : std::fabs(a[i] - b[i]);
    if (std::isfinite(difference)) c.max_absolute = std::max(c.max_absolute, difference);
    const bool good = same || (!exact && difference <= tolerance.absolute + tolerance.relative * std::fabs(b[i]));
    if (!good && wrong++ == 0) first = i;
  }
  c.max_relative = largest > 0 ? c.max_absolute / largest : c.max_absolute;
  c.equal = wrong == 0;
  if (!c.equal)
    c.text = who + std::to_string(wrong) + " of " + std::to_string(n) + " elements differ, first at " +
             position(first, want.type.shape) + ": got " + std::to_string(a[first]) + ", want " +
             std::to_string(b[first]);
  return c;
}

}  // namespace rlx::tools
