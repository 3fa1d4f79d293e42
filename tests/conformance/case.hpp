// The conformance cases as data: an op, its input types with the kind of data in them, attributes and a tolerance.
// cases/ has one file per op family. The runner (runner.hpp) runs each on every device; unit tests of the ops use the
// same list to check decompositions.
#pragma once

#include <rlx/graph.hpp>

#include <functional>
#include <string>
#include <vector>

namespace conformance {

using rlx::Attrs;
using rlx::DType;
using rlx::Shape;

// How the elements of an input are made. Integers round what floats get; unsigned ones take the absolute value.
struct Data {
  enum class Kind {
    kUniform,   // low … high
    kIntegers,  // whole numbers low … high, ties likely
    kShuffled,  // 0, 1, 2, … in random order: no ties
    kSpecial,   // NaN, infinities, signed zeros, tiny and huge values between ordinary ones
    kExtreme,   // integers over the dtype's whole range
    kValues,    // as listed, repeated
    kPacked,    // blocks of a scheme of sdk/quant_layout.hpp, any codes under scales of an ordinary size
  };
  Kind kind = Kind::kUniform;
  double low = -2, high = 2;
  std::vector<double> values = {};
  unsigned scheme = 0;
};

struct Input {
  rlx::TensorType type;
  Data data;
  bool present = true;
};

struct Case {
  std::string op;
  std::vector<Input> inputs;
  Attrs attrs;
  size_t outputs = 0;                     // 0 = the op's default
  double tolerance = 1;                   // multiplies what the dtype allows
  double integer_slack = 0;               // how far integer results may be off: rounding ties of scaled values
  std::function<rlx::Graph()> body = {};  // the region of a fused_elementwise
  std::string note = {};                  // tells cases apart that would have the same name

  // "softmax f32[2, 3] axis=1"
  std::string name() const;
};

class CaseList {
 public:
  // The case may be refined through the reference until the next add().
  Case& add(std::string op, std::vector<Input> inputs, Attrs attrs = {});
  const std::vector<Case>& cases() const { return cases_; }

 private:
  std::vector<Case> cases_;
};

// ---- inputs ----
Input uniform(DType dtype, Shape shape, double low = -2, double high = 2);
Input integers(DType dtype, Shape shape, int64_t low, int64_t high);
Input booleans(Shape shape);
// Valid indices into an axis of n, negative ones among them.
Input indices(DType dtype, Shape shape, int64_t n);
Input shuffled(DType dtype, Shape shape);
Input special(DType dtype, Shape shape);
Input extreme(DType dtype, Shape shape);
Input values(DType dtype, Shape shape, std::vector<double> values);
// u8; the last dim of the shape is whole blocks, in bytes.
Input packed(unsigned scheme, Shape shape);
Input absent();

// ---- attributes ----
inline Attrs::Entry attr(const char* name, int64_t value) {
  return {name, value};
}
inline Attrs::Entry attr(const char* name, int value) {
  return {name, int64_t{value}};
}
inline Attrs::Entry attr(const char* name, double value) {
  return {name, value};
}
inline Attrs::Entry attr(const char* name, const char* value) {
  return {name, std::string(value)};
}
inline Attrs::Entry attr(const char* name, DType value) {
  return {name, value};
}
inline Attrs::Entry attr(const char* name, std::vector<int64_t> value) {
  return {name, std::move(value)};
}
inline Attrs::Entry floats_attr(const char* name, std::vector<double> value) {
  return {name, std::move(value)};
}

// ---- dtypes ----
inline constexpr DType kFloats[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kF64};
inline constexpr DType kIntegers[] = {DType::kI8, DType::kI16, DType::kI32, DType::kI64,
                                      DType::kU8, DType::kU16, DType::kU32, DType::kU64};
inline constexpr DType kNumbers[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI8,  DType::kI16,
                                     DType::kI32, DType::kI64, DType::kU8,   DType::kU16, DType::kU32, DType::kU64};
inline constexpr DType kAllDTypes[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI8,
                                       DType::kI16, DType::kI32, DType::kI64,  DType::kU8,  DType::kU16,
                                       DType::kU32, DType::kU64, DType::kBool, DType::kC64};
// One dtype of each element size, for ops that only move bytes.
inline constexpr DType kSizes[] = {DType::kBool, DType::kBF16, DType::kF32, DType::kI64, DType::kC64};

// ---- families ----
void add_elementwise_cases(CaseList& list);
void add_unary_cases(CaseList& list);
void add_shape_cases(CaseList& list);
void add_index_cases(CaseList& list);
void add_linalg_cases(CaseList& list);
void add_norm_cases(CaseList& list);
void add_reduce_cases(CaseList& list);
void add_softmax_cases(CaseList& list);
void add_sort_cases(CaseList& list);
void add_attention_cases(CaseList& list);
void add_conv_cases(CaseList& list);
void add_pool_cases(CaseList& list);
void add_resize_cases(CaseList& list);
void add_random_cases(CaseList& list);
void add_fused_cases(CaseList& list);
void add_complex_cases(CaseList& list);
void add_quant_cases(CaseList& list);

// All of them; names are unique.
std::vector<Case> all_cases();

}  // namespace conformance
