// Random ops: the words of Philox are part of the contract, so every device draws the same numbers.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

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
