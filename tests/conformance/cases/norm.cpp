// Normalisations and their gradients: several axes, odd lengths, tiny batches, empty batches.
#include "../case.hpp"

namespace conformance {
namespace {

constexpr double kSumTolerance = 8;

void add_trailing(CaseList& list, const char* op) {
  for (const DType dtype : kFloats) {
    list.add(op, {uniform(dtype, {3, 37}), uniform(dtype, {37}), uniform(dtype, {37})}).tolerance = kSumTolerance;
    list.add(op, {uniform(dtype, {2, 5, 64}), uniform(dtype, {64})}).tolerance = kSumTolerance;
    list.add(op, {uniform(dtype, {2, 4, 9})}).tolerance = kSumTolerance;
  }
  list.add(op, {uniform(DType::kF32, {2, 4, 9}), uniform(DType::kF32, {4, 9}), uniform(DType::kF32, {4, 9})},
           {attr("axis", 1)})
      .tolerance = kSumTolerance;
  list.add(op, {uniform(DType::kF32, {6, 5}), absent(), uniform(DType::kF32, {5})}, {attr("eps", 0.1)}).tolerance =
      kSumTolerance;
  list.add(op, {uniform(DType::kF32, {0, 5}), uniform(DType::kF32, {5})});
  list.add(op, {uniform(DType::kF32, {1, 1031}, 90, 110)}).tolerance = 64;
}

void add_channel(CaseList& list) {
  for (const DType dtype : kFloats) {
    const auto channels = [&](int64_t c) { return uniform(dtype, {c}); };
    list.add("layer_norm_2d", {uniform(dtype, {2, 7, 3, 5}), channels(7), channels(7)}).tolerance = kSumTolerance;
    list.add("group_norm", {uniform(dtype, {2, 6, 3, 5}), channels(6), channels(6)}, {attr("groups", 3)}).tolerance =
        kSumTolerance;
    list.add("instance_norm", {uniform(dtype, {2, 5, 4, 3}), channels(5), channels(5)}).tolerance = kSumTolerance;
    list.add("batch_norm",
             {uniform(dtype, {2, 5, 4, 3}), channels(5), channels(5), channels(5), uniform(dtype, {5}, 0.1, 2)})
        .tolerance = kSumTolerance;
  }
  const auto f32 = [](Shape shape) { return uniform(DType::kF32, shape); };
  list.add("group_norm", {f32({3, 4, 9}), f32({4}), f32({4})}, {attr("groups", 1), attr("eps", 0.01)}).tolerance =
      kSumTolerance;
  list.add("group_norm", {f32({3, 4}), f32({4}), f32({4})}, {attr("groups", 2)}).tolerance = kSumTolerance;
  list.add("instance_norm", {f32({1, 3, 2, 3, 4}), f32({3}), f32({3})}).tolerance = kSumTolerance;
  list.add("batch_norm", {f32({4, 6}), f32({6}), f32({6}), f32({6}), uniform(DType::kF32, {6}, 0.1, 2)}).tolerance = 4;
  list.add("batch_norm", {f32({0, 3, 2}), f32({3}), f32({3}), f32({3}), uniform(DType::kF32, {3}, 0.1, 2)});
}

void add_others(CaseList& list) {
  for (const DType dtype : kFloats) {
    list.add("l2_norm", {uniform(dtype, {3, 37})}).tolerance = 4;
    list.add("l2_norm", {uniform(dtype, {4, 3, 5})}, {attr("axis", 1), attr("eps", 0.5)}).tolerance = 4;
    list.add("lrn", {uniform(dtype, {2, 7, 3, 2})}, {attr("size", 3)}).tolerance = 4;
    list.add("lrn", {uniform(dtype, {2, 7, 5})},
             {attr("size", 4), attr("alpha", 0.5), attr("beta", 0.6), attr("bias", 2.0)})
        .tolerance = 4;
  }
  list.add("l2_norm", {values(DType::kF32, {2, 3}, {0, 0, 0, 3, 0, 4})}).note = "a zero row";
  list.add("lrn", {uniform(DType::kF32, {2, 3})}, {attr("size", 5)}).tolerance = 4;
  list.add("lrn", {uniform(DType::kF32, {2, 3, 0})}, {attr("size", 2)});
}

void add_gradients(CaseList& list) {
  for (const std::string norm : {"layer_norm", "rms_norm"}) {
    for (const DType dtype : kFloats) {
      list.add(norm + "_backward_input", {uniform(dtype, {3, 37}), uniform(dtype, {37}), uniform(dtype, {3, 37})})
          .tolerance = 16;
      list.add(norm + "_backward_gamma", {uniform(dtype, {3, 37}), uniform(dtype, {3, 37})}).tolerance = 16;
      list.add(norm + "_backward_beta", {uniform(dtype, {3, 37})}).tolerance = 4;
    }
    const Input x = uniform(DType::kF32, {2, 3, 4, 5}), gamma = uniform(DType::kF32, {4, 5});
    list.add(norm + "_backward_input", {x, gamma, x}, {attr("axis", 2), attr("eps", 0.01)}).tolerance = 16;
    list.add(norm + "_backward_gamma", {x, x}, {attr("axis", 2), attr("eps", 0.01)}).tolerance = 16;
    list.add(norm + "_backward_beta", {x}, {attr("axis", 2)}).tolerance = 4;
  }
  for (const DType dtype : kFloats) {
    const Input x = uniform(dtype, {2, 6, 5, 3});
    list.add("group_norm_backward_input", {x, uniform(dtype, {6}), x}, {attr("groups", 3)}).tolerance = 16;
    list.add("group_norm_backward_gamma", {x, x}, {attr("groups", 2)}).tolerance = 16;
    list.add("group_norm_backward_beta", {x}).tolerance = 4;
  }
}

}  // namespace

void add_norm_cases(CaseList& list) {
  add_trailing(list, "layer_norm");
  add_trailing(list, "rms_norm");
  add_channel(list);
  add_others(list);
  add_gradients(list);
}

}  // namespace conformance
