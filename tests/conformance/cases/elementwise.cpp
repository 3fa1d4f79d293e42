// copy, binary, compare, where, clamp, cast: every kind and dtype, numpy broadcasting, wrap-around and special values.
#include "../case.hpp"

namespace conformance {
namespace {

struct Pair {
  Shape a, b;
};

const std::vector<Pair>& broadcasts() {
  static const std::vector<Pair> pairs = {
      {{2, 3, 5}, {2, 3, 5}},
      {{4, 1, 3}, {2, 1}},
      {{}, {7}},
      {{}, {}},
      {{5, 1}, {1, 9}},
      {{2, 1, 3, 1, 2, 1, 3, 1}, {3, 1, 2, 1, 5}},
      {{0, 3}, {1, 3}},
      {{1, 33}, {17, 1}},
  };
  return pairs;
}

void add_number_binaries(CaseList& list) {
  for (const char* kind : {"add", "sub", "mul", "max", "min"}) {
    for (const DType dtype : kNumbers)
      list.add("binary", {uniform(dtype, {3, 35}, -9, 9), uniform(dtype, {35}, -9, 9)}, {attr("kind", kind)});
    for (const Pair& p : broadcasts())
      list.add("binary", {uniform(DType::kF32, p.a), uniform(DType::kF32, p.b)}, {attr("kind", kind)});
    for (const DType dtype : kIntegers)
      list.add("binary", {extreme(dtype, {41}), extreme(dtype, {41})}, {attr("kind", kind)});
    list.add("binary", {special(DType::kF32, {13, 1}), special(DType::kF32, {13})}, {attr("kind", kind)});
  }
  // Divisors keep away from zero where a quotient next to it would hide the error of the divisor.
  for (const char* kind : {"div", "mod", "fmod"}) {
    for (const DType dtype : kFloats)
      list.add("binary", {integers(dtype, {3, 35}, -30, 30), values(dtype, {35}, {3, -4, 7, -2, 5})},
               {attr("kind", kind)});
    for (const DType dtype : kIntegers) {
      list.add("binary", {integers(dtype, {3, 35}, -30, 30), integers(dtype, {35}, -4, 4)}, {attr("kind", kind)});
      list.add("binary", {extreme(dtype, {13, 1}), values(dtype, {4}, {-1, 1, 0, 5})}, {attr("kind", kind)});
    }
  }
  list.add("binary", {special(DType::kF32, {13, 1}), special(DType::kF32, {13})}, {attr("kind", "div")});
}

void add_other_binaries(CaseList& list) {
  for (const DType dtype : kFloats) {
    list.add("binary", {uniform(dtype, {3, 35}, 0.1, 3), uniform(dtype, {35}, -3, 3)}, {attr("kind", "pow")})
        .tolerance = 4;
    list.add("binary", {values(dtype, {4}, {-2, -1, 0, 2}), values(dtype, {5, 1}, {-2, -1, 0, 1, 3})},
             {attr("kind", "pow")});
    list.add("binary", {uniform(dtype, {3, 35}), uniform(dtype, {35})}, {attr("kind", "atan2")});
  }
  for (const DType dtype : kIntegers)
    list.add("binary", {integers(dtype, {3, 35}, -6, 6), integers(dtype, {35}, -2, 9)}, {attr("kind", "pow")});
  for (const char* kind : {"and", "or", "xor"})
    list.add("binary", {booleans({3, 35}), booleans({35})}, {attr("kind", kind)});
  for (const char* kind : {"bit_and", "bit_or", "bit_xor"})
    for (const DType dtype : kIntegers)
      list.add("binary", {extreme(dtype, {3, 35}), extreme(dtype, {35})}, {attr("kind", kind)});
  for (const char* kind : {"shl", "shr"})
    for (const DType dtype : kIntegers)
      list.add("binary", {extreme(dtype, {3, 7}), values(dtype, {7}, {0, 1, 3, 7, 8, 31, 64})}, {attr("kind", kind)});
}

void add_compares(CaseList& list) {
  for (const char* kind : {"eq", "ne", "lt", "le", "gt", "ge"}) {
    for (const DType dtype : kNumbers)
      list.add("compare", {integers(dtype, {3, 35}, -3, 3), integers(dtype, {35}, -3, 3)}, {attr("kind", kind)});
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kF64})
      list.add("compare", {special(dtype, {13, 1}), special(dtype, {13})}, {attr("kind", kind)});
    for (const DType dtype : {DType::kI64, DType::kU64})
      list.add("compare", {extreme(dtype, {13, 1}), extreme(dtype, {13})}, {attr("kind", kind)});
  }
  for (const char* kind : {"eq", "ne"}) list.add("compare", {booleans({3, 35}), booleans({35})}, {attr("kind", kind)});
  for (const Pair& p : broadcasts())
    list.add("compare", {integers(DType::kI32, p.a, 0, 2), integers(DType::kI32, p.b, 0, 2)}, {attr("kind", "le")});
}

void add_wheres(CaseList& list) {
  for (const DType dtype : kAllDTypes)
    list.add("where", {booleans({3, 35}), uniform(dtype, {3, 35}, 0, 9), uniform(dtype, {35}, 0, 9)});
  list.add("where", {booleans({4, 1, 1}), uniform(DType::kF32, {3, 1}), uniform(DType::kF32, {5})});
  list.add("where", {booleans({}), uniform(DType::kF32, {}), uniform(DType::kF32, {2, 3})});
  list.add("where", {booleans({0, 1}), uniform(DType::kF32, {1, 3}), uniform(DType::kF32, {})});
  list.add("where", {booleans({9}), special(DType::kF32, {9}), uniform(DType::kF32, {9})});
}

void add_clamps(CaseList& list) {
  for (const DType dtype : kNumbers) {
    list.add("clamp", {uniform(dtype, {3, 35}, 0, 9)}, {attr("lo", 2.0), attr("hi", 6.0)});
    list.add("clamp", {uniform(dtype, {35}, 0, 9), values(dtype, {}, {3}), values(dtype, {}, {5})});
    list.add("clamp", {uniform(dtype, {35}, 0, 9)});
  }
  list.add("clamp", {uniform(DType::kF32, {35}), absent(), values(DType::kF32, {}, {0.5})}, {attr("lo", -0.5)});
  list.add("clamp", {uniform(DType::kF32, {35}), values(DType::kF32, {}, {0.5})}, {attr("hi", 1.0)});
  list.add("clamp", {uniform(DType::kF32, {35}), values(DType::kF32, {}, {1}), values(DType::kF32, {}, {-1})}).note =
      "limits crossed";
  list.add("clamp", {special(DType::kF32, {40})}, {attr("lo", -1.0), attr("hi", 1.0)});
  list.add("clamp", {extreme(DType::kI64, {40})}, {attr("lo", -5.0)});
}

void add_casts(CaseList& list) {
  for (const DType from : kAllDTypes) {
    for (const DType to : kAllDTypes) {
      list.add("cast", {uniform(from, {37}, -200, 300)}, {attr("to", to)});
      if (rlx::is_float(from)) list.add("cast", {special(from, {40})}, {attr("to", to)});
      if (rlx::is_int(from)) list.add("cast", {extreme(from, {40})}, {attr("to", to)});
    }
  }
  list.add("cast", {values(DType::kF32, {8}, {2.5, 3.5, -0.9, 0.9, 1e10, -1e10, 255.5, 65520})},
           {attr("to", DType::kU8)});
  list.add("cast", {values(DType::kF64, {5}, {65519.999, 65520, 1.0009765625001, 6e-8, 2.9e-8})},
           {attr("to", DType::kF16)});
  list.add("cast", {uniform(DType::kF32, {0, 2})}, {attr("to", DType::kI32)});
  list.add("cast", {uniform(DType::kF32, {})}, {attr("to", DType::kF64)});
}

}  // namespace

void add_elementwise_cases(CaseList& list) {
  for (const DType dtype : kAllDTypes) list.add("copy", {uniform(dtype, {3, 11}, 0, 9)});
  list.add("copy", {uniform(DType::kF32, {})});
  list.add("copy", {uniform(DType::kF32, {2, 0, 3})});
  add_number_binaries(list);
  add_other_binaries(list);
  add_compares(list);
  add_wheres(list);
  add_clamps(list);
  add_casts(list);
}

}  // namespace conformance
