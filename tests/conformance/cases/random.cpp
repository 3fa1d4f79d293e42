// Random ops: the words of Philox are part of the contract, so every device draws the same numbers.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

// Ids are the same everywhere: no tolerance.
void add_samples(CaseList& list) {
  for (const DType dtype : kFloats) {
    const auto logits = [&] { return uniform(dtype, {17, 50}, -6, 6); };
    list.add("sample", {logits()}, {attr("seed", 3)});
    list.add("sample", {logits()}, {attr("temperature", 0.0)});
    list.add("sample", {logits()}, {attr("temperature", 1.5), attr("top_k", 9), attr("key", 1)});
    list.add("sample", {logits()}, {attr("top_p", 0.8), attr("seed", -5)});
    list.add("sample", {logits()}, {attr("top_p", 0.0)});
    list.add("sample", {logits()}, {attr("min_p", 0.1), attr("temperature", 3.0)});
    list.add("sample", {logits()},
             {attr("temperature", 0.7), attr("top_k", 20), attr("top_p", 0.9), attr("min_p", 0.01)});
    list.add("sample", {special(dtype, {8, 23})}, {attr("seed", 4)});
    list.add("sample", {integers(dtype, {2, 5000}, -4, 4)}, {attr("top_p", 0.95)});
    list.add("sample", {integers(dtype, {1, 9500}, -40, 40)}, {attr("top_k", 40), attr("seed", 8)});
    list.add("sample", {integers(dtype, {3, 5000}, -4, 4)}, {attr("top_k", 3000)});
  }
  list.add("sample", {uniform(DType::kF32, {7})}, {attr("seed", 1)});
  list.add("sample", {uniform(DType::kF32, {2, 3, 11})}, {attr("top_k", 100)});
  list.add("sample", {uniform(DType::kF32, {0, 11})});
  list.add("sample", {uniform(DType::kF32, {4, 1})});
  list.add("sample", {uniform(DType::kF64, {5, 30}, -1e6, 1e6)}, {attr("temperature", 1e-9)});
  list.add("sample", {uniform(DType::kF32, {5, 30}, -1e30, 1e30)}, {attr("temperature", 1e30)});
}

}  // namespace

void add_random_cases(CaseList& list) {
  for (const DType dtype : kFloats) {
    list.add("random_uniform", {}, {attr("shape", Ints{5, 13}), attr("seed", 7), attr("key", 3), attr("to", dtype)});
    list.add("random_normal", {}, {attr("shape", Ints{5, 13}), attr("seed", 7), attr("key", 3), attr("to", dtype)})
        .tolerance = 8;
    list.add("bernoulli", {uniform(dtype, {5, 13}, 0, 1)}, {attr("seed", 11)});
    for (const int train : {0, 1}) {
      list.add("dropout", {uniform(dtype, {5, 13})}, {attr("train", train), attr("seed", 5), attr("ratio", 0.3)});
      list.add("dropout", {uniform(dtype, {5, 13})}, {attr("train", train), attr("key", 9)}).outputs = 2;
    }
  }
  add_samples(list);
  list.add("random_uniform", {}, {attr("shape", Ints{3}), attr("low", -4.0), attr("high", 9.0)}).tolerance = 4;
  list.add("random_uniform", {}, {attr("shape", Ints{})});
  list.add("random_uniform", {}, {attr("shape", Ints{0, 3})});
  list.add("random_uniform", {}, {attr("shape", Ints{1031}), attr("seed", -1), attr("key", int64_t{1} << 40)});
  list.add("random_normal", {}, {attr("shape", Ints{7}), attr("mean", 3.0), attr("scale", 0.5)}).tolerance = 8;
  for (const DType to : {DType::kBool, DType::kI32, DType::kF16})
    list.add("bernoulli", {uniform(DType::kF32, {41}, 0, 1)}, {attr("to", to)});
  list.add("bernoulli", {values(DType::kF32, {6}, {0, 1, 0, 1, 0, 1})});
}

}  // namespace conformance
