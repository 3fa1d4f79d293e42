// attention and rope: layouts, grouped heads, every mask, rows that see nothing, other head sizes for v.
#include "../case.hpp"

#include <limits>

namespace conformance {
namespace {

constexpr double kAttentionTolerance = 8;

struct Sizes {
  int64_t batch, heads, kv_heads, queries, keys, size;
};

Shape laid_out(const std::string& layout, int64_t b, int64_t h, int64_t s, int64_t d) {
  if (layout == "bhsd") return {b, h, s, d};
  if (layout == "bshd") return {b, s, h, d};
  return {b, s, h * d};
}

std::vector<Input> qkv(DType dtype, const std::string& layout, const Sizes& z) {
  return {uniform(dtype, laid_out(layout, z.batch, z.heads, z.queries, z.size)),
          uniform(dtype, laid_out(layout, z.batch, z.kv_heads, z.keys, z.size)),
          uniform(dtype, laid_out(layout, z.batch, z.kv_heads, z.keys, z.size))};
}

Attrs attention_attrs(const std::string& layout, const Sizes& z, const char* mask) {
  Attrs attrs = {attr("layout", layout.c_str()), attr("mask", mask)};
  if (layout == "bs_hd") {
    attrs.set("heads", z.heads);
    attrs.set("kv_heads", z.kv_heads);
  }
  return attrs;
}

void add_attention(CaseList& list) {
  constexpr Sizes kSelf = {2, 4, 4, 7, 7, 8}, kGrouped = {2, 6, 2, 5, 9, 16}, kStep = {1, 4, 1, 1, 33, 8},
                  kLong = {1, 2, 2, 65, 65, 5}, kMoreQueries = {1, 2, 1, 6, 3, 4};
  for (const char* layout : {"bhsd", "bshd", "bs_hd"})
    for (const DType dtype : kFloats) {
      list.add("attention", qkv(dtype, layout, kSelf), attention_attrs(layout, kSelf, "none")).tolerance =
          kAttentionTolerance;
      list.add("attention", qkv(dtype, layout, kGrouped), attention_attrs(layout, kGrouped, "causal")).tolerance =
          kAttentionTolerance;
    }
  for (const Sizes& z : {kStep, kLong, kMoreQueries})
    for (const char* mask : {"none", "causal"})
      list.add("attention", qkv(DType::kF32, "bhsd", z), attention_attrs("bhsd", z, mask)).tolerance =
          kAttentionTolerance;
  // A decode step over many keys, and a prompt of more rows than a tile has; the latter also in halves.
  constexpr Sizes kManyKeys = {1, 8, 2, 1, 300, 24}, kPrompt = {1, 4, 2, 70, 90, 40};
  for (const DType dtype : kFloats) {
    list.add("attention", qkv(dtype, "bshd", kManyKeys), attention_attrs("bshd", kManyKeys, "causal")).tolerance =
        kAttentionTolerance;
    list.add("attention", qkv(dtype, "bhsd", kPrompt), attention_attrs("bhsd", kPrompt, "causal")).tolerance =
        kAttentionTolerance;
  }
  for (const int window : {1, 3, 100})
    for (const Sizes& z : {kSelf, kGrouped, kMoreQueries}) {
      Attrs attrs = attention_attrs("bhsd", z, "window");
      attrs.set("window", int64_t{window});
      list.add("attention", qkv(DType::kF32, "bhsd", z), attrs).tolerance = kAttentionTolerance;
    }
  for (const double scale : {0.25, 2.0}) {
    Attrs attrs = attention_attrs("bhsd", kGrouped, "causal");
    attrs.set("scale", scale);
    attrs.set("softcap", 3.0);
    list.add("attention", qkv(DType::kF32, "bhsd", kGrouped), attrs).tolerance = kAttentionTolerance;
  }
  list.add("attention",
           {uniform(DType::kF32, {1, 2, 3, 4}), uniform(DType::kF32, {1, 2, 5, 4}), uniform(DType::kF32, {1, 2, 5, 7})},
           {attr("layout", "bhsd")})
      .tolerance = kAttentionTolerance;
  list.add("attention",
           {uniform(DType::kF32, {2, 3, 2, 4}), uniform(DType::kF32, {2, 5, 1, 4}), uniform(DType::kF32, {2, 5, 1, 3})},
           {attr("layout", "bshd"), attr("mask", "causal")})
      .tolerance = kAttentionTolerance;
  list.add("attention",
           {uniform(DType::kF32, {1, 2, 3, 4}), uniform(DType::kF32, {1, 2, 0, 4}), uniform(DType::kF32, {1, 2, 0, 4})},
           {attr("layout", "bhsd")})
      .note = "no keys";
  list.add("attention",
           {uniform(DType::kF32, {0, 2, 3, 4}), uniform(DType::kF32, {0, 2, 5, 4}), uniform(DType::kF32, {0, 2, 5, 4})},
           {attr("layout", "bhsd")});
}

void add_masks(CaseList& list) {
  constexpr Sizes z = {2, 4, 2, 5, 7, 8};
  for (const Shape& mask : {Shape{2, 4, 5, 7}, Shape{5, 7}, Shape{2, 1, 1, 7}, Shape{1, 4, 5, 1}, Shape{7}, Shape{}}) {
    for (const DType dtype : {DType::kF32, DType::kF16}) {
      std::vector<Input> inputs = qkv(dtype, "bhsd", z);
      inputs.push_back(booleans(mask));
      list.add("attention", inputs, attention_attrs("bhsd", z, "custom")).tolerance = kAttentionTolerance;
      inputs.back() = uniform(dtype, mask);
      list.add("attention", inputs, attention_attrs("bhsd", z, "bias")).tolerance = kAttentionTolerance;
    }
  }
  constexpr double kHidden = -std::numeric_limits<double>::infinity();
  std::vector<Input> inputs = qkv(DType::kF32, "bhsd", z);
  inputs.push_back(values(DType::kF32, {5, 1}, {0, kHidden, 0, kHidden, 1}));
  list.add("attention", inputs, attention_attrs("bhsd", z, "bias")).tolerance = kAttentionTolerance;
  inputs.back() = values(DType::kBool, {5, 1}, {1, 0, 1, 0, 1});
  list.add("attention", inputs, attention_attrs("bhsd", z, "custom")).note = "hidden rows";
  inputs = qkv(DType::kF32, "bs_hd", z);
  inputs.push_back(booleans({5, 7}));
  list.add("attention", inputs, attention_attrs("bs_hd", z, "custom")).tolerance = kAttentionTolerance;
}

void add_ropes(CaseList& list) {
  for (const char* op : {"rope", "rope_backward"})
    for (const char* style : {"half", "interleaved"}) {
      for (const char* layout : {"bhsd", "bshd", "bs_hd"}) {
        Attrs attrs = {attr("layout", layout), attr("style", style), attr("heads", 3)};
        const auto x = [&](DType dtype) { return uniform(dtype, laid_out(layout, 2, 3, 5, 8)); };
        for (const DType dtype : kFloats)
          list.add(op, {x(dtype), uniform(dtype, {9, 4}, -1, 1), uniform(dtype, {9, 4}, -1, 1)}, attrs).tolerance = 2;
        const Input table = uniform(DType::kF32, {9, 4}, -1, 1);
        list.add(op, {x(DType::kF32), table, table, integers(DType::kI64, {5}, 0, 8)}, attrs).tolerance = 2;
        list.add(op, {x(DType::kF32), table, table, integers(DType::kI32, {2, 5}, 0, 8)}, attrs).tolerance = 2;
        attrs.set("rotary_dim", int64_t{4});
        const Input part = uniform(DType::kF32, {5, 2}, -1, 1);
        list.add(op, {x(DType::kF32), part, part}, attrs).tolerance = 2;
      }
    }
}

}  // namespace

void add_attention_cases(CaseList& list) {
  add_attention(list);
  add_masks(list);
  add_ropes(list);
}

}  // namespace conformance
