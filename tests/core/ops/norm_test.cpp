// Inference of norms, softmax, reductions, sorts, random ops and fused blocks.
#include "catch.hpp"
#include "inferred.hpp"

using namespace tests;
using rlx::DType;

TEST_CASE("an axis out of range names op, axis and shape", "[ops]") {
  CHECK(inferred("softmax", {"f32[2, 4]"}, {attr("axis", 3)}) == "softmax: axis 3 out of range for shape [2, 4]");
  CHECK(inferred("log_softmax", {"f32[2, n]"}, {attr("axis", -3)}) ==
        "log_softmax: axis -3 out of range for shape [2, n]");
  CHECK(normalised("axis", "softmax", {"f32[2, 4]"}) == "1");
}

TEST_CASE("norms check their weights", "[ops]") {
  CHECK(inferred("layer_norm", {"f32[2, 3, 4]", "f32[3, 4]", "f32[3, 4]"}, {attr("axis", 1)}) == "f32[2, 3, 4]");
  CHECK(inferred("layer_norm", {"f32[2, n]", "f32[n]"}) == "f32[2, n]");
  CHECK(inferred("rms_norm", {"f32[2, 4]", "-", "f32[3]"}) == "rms_norm: input 2 has shape [3], needs [4]");
  CHECK(inferred("rms_norm", {"f32[2, 4]", "f16[4]"}) == "rms_norm: inputs 0 and 1 have different dtypes, f32 and f16");
  CHECK(inferred("layer_norm", {"i32[2, 4]"}) == "layer_norm: input 0 has dtype i32, needs a float");
  CHECK(inferred("group_norm", {"f32[2, 6, 3]", "f32[6]", "f32[6]"}, {attr("groups", 4)}) ==
        "group_norm: 6 channels do not split into 4 groups");
  CHECK(inferred("group_norm", {"f32[2, 6]", "f32[6]", "f32[6]"}, {attr("groups", 0)}) ==
        "group_norm: groups is 0, needs at least 1");
  CHECK(inferred("batch_norm", {"f32[2, 6]", "f32[6]", "f32[6]", "f32[6]", "f32[5]"}) ==
        "batch_norm: input 4 has shape [5], needs [6]");
  CHECK(inferred("layer_norm_2d", {"f32[2, 6, 3]", "f32[6]", "f32[6]"}) ==
        "layer_norm_2d: input 0 has shape [2, 6, 3], needs rank 4");
  CHECK(inferred("lrn", {"f32[2, 6, 3]"}, {attr("size", 0)}) == "lrn: size is 0, needs at least 1");
}

TEST_CASE("norm gradients have the shapes of what they are gradients of", "[ops]") {
  CHECK(inferred("layer_norm_backward_input", {"f32[2, 4]", "f32[4]", "f32[2, 4]"}) == "f32[2, 4]");
  CHECK(inferred("rms_norm_backward_gamma", {"f32[2, 3, 4]", "f32[2, 3, 4]"}, {attr("axis", 1)}) == "f32[3, 4]");
  CHECK(inferred("layer_norm_backward_beta", {"f32[2, 3, 4]"}) == "f32[4]");
  CHECK(inferred("group_norm_backward_gamma", {"f32[2, 6, 3]", "f32[2, 6, 3]"}, {attr("groups", 2)}) == "f32[6]");
  CHECK(inferred("group_norm_backward_beta", {"f32[2, 6, 3]"}) == "f32[6]");
  CHECK(inferred("layer_norm_backward_input", {"f32[2, 4]", "f32[4]", "f32[2, 3]"}) ==
        "layer_norm_backward_input: dy has shape [2, 3], needs [2, 4]");
}

TEST_CASE("reduce keeps or drops its axes", "[ops]") {
  CHECK(inferred("reduce", {"f32[2, 3, 4]"}, {attr("kind", "sum"), attr("axes", Ints{-1, 0})}) == "f32[1, 3, 1]");
  CHECK(inferred("reduce", {"f32[2, n, 4]"}, {attr("kind", "max"), attr("axes", Ints{0}), attr("keep_dims", 0)}) ==
        "f32[n, 4]");
  CHECK(normalised("axes", "reduce", {"f32[2, 3, 4]"}, {attr("kind", "sum"), attr("axes", Ints{-1, 0})}) == "[0, 2]");
  CHECK(inferred("reduce", {"f32[2]"}, {attr("kind", "sum"), attr("axes", Ints{0, -1})}) ==
        "reduce: axes names axis 0 twice");
  CHECK(inferred("reduce", {"f32[2]"}, {attr("kind", "any"), attr("axes", Ints{})}) ==
        "reduce: input 0 has dtype f32, needs bool");
  CHECK(inferred("reduce", {"i32[2]"}, {attr("kind", "mean"), attr("axes", Ints{})}) ==
        "reduce: input 0 has dtype i32, needs a float");
  CHECK(inferred("arg_reduce", {"f32[2, 3]"}, {attr("kind", "argmax"), attr("axis", 1), attr("keep_dims", 0)}) ==
        "i64[2]");
  CHECK(inferred("arg_reduce", {"f32[2, 0]"}, {attr("kind", "argmin"), attr("axis", 1)}) ==
        "arg_reduce: axis 1 of shape [2, 0] is empty");
  CHECK(inferred("cumsum", {"i8[2, 3]"}, {attr("axis", -1)}) == "i8[2, 3]");
}

TEST_CASE("sorts give values and positions", "[ops]") {
  CHECK(inferred("sort", {"f16[2, n]"}) == "f16[2, n]; i64[2, n]");
  CHECK(inferred("top_k", {"f32[2, 9]"}, {attr("k", 4)}) == "f32[2, 4]; i64[2, 4]");
  CHECK(inferred("top_k", {"f32[2, 3]"}, {attr("k", 4)}) == "top_k: k 4 out of range for axis 1 of shape [2, 3]");
}

TEST_CASE("cross entropy reduces over rows", "[ops]") {
  CHECK(inferred("softmax_cross_entropy", {"f32[6, 9]", "i32[6]"}) == "f32[]");
  CHECK(inferred("softmax_cross_entropy", {"f32[6, 9]", "i32[6]"}, {attr("reduction", "none")}) == "f32[6]");
  CHECK(inferred("softmax_cross_entropy_backward", {"f32[6, 9]", "i64[6]", "f32[]"}) == "f32[6, 9]");
  CHECK(inferred("softmax_cross_entropy_backward", {"f32[6, 9]", "i64[6]", "f32[6]"}) ==
        "softmax_cross_entropy_backward: dy has shape [6], needs []");
  CHECK(inferred("softmax_cross_entropy", {"f32[6, 9]", "i32[5]"}) ==
        "softmax_cross_entropy: labels has shape [5], needs [6]");
}

TEST_CASE("attention reads its heads from the shapes", "[ops]") {
  const std::vector<std::string> bhsd = {"f32[2, 6, 5, 16]", "f32[2, 2, 9, 16]", "f32[2, 2, 9, 8]"};
  CHECK(inferred("attention", bhsd, {attr("layout", "bhsd")}) == "f32[2, 6, 5, 8]");
  CHECK(normalised("kv_heads", "attention", bhsd, {attr("layout", "bhsd")}) == "2");
  CHECK(normalised("scale", "attention", bhsd, {attr("layout", "bhsd")}) == "0.25");
  CHECK(inferred("attention", {"f32[2, 5, 6, 4]", "f32[2, 9, 2, 4]", "f32[2, 9, 2, 4]"}, {attr("layout", "bshd")}) ==
        "f32[2, 5, 6, 4]");
  CHECK(inferred("attention", {"f32[b, s, 24]", "f32[b, t, 8]", "f32[b, t, 8]"},
                 {attr("layout", "bs_hd"), attr("heads", 6)}) == "f32[b, s, 24]");
  CHECK(normalised("kv_heads", "attention", {"f32[2, 5, 24]", "f32[2, 9, 8]", "f32[2, 9, 8]"},
                   {attr("layout", "bs_hd"), attr("heads", 6)}) == "2");
}

TEST_CASE("attention refuses what does not fit", "[ops]") {
  const auto attention = [](std::vector<std::string> inputs, rlx::Attrs attrs = {}) {
    attrs.set("layout", std::string("bhsd"));
    return inferred("attention", inputs, std::move(attrs));
  };
  CHECK(attention({"f32[2, 3, 5, 4]", "f32[2, 2, 9, 4]", "f32[2, 2, 9, 4]"}) ==
        "attention: 3 heads do not share 2 kv heads");
  CHECK(attention({"f32[2, 2, 5, 4]", "f32[2, 2, 9, 8]", "f32[2, 2, 9, 8]"}) ==
        "attention: head sizes of q [2, 2, 5, 4] and k [2, 2, 9, 8] differ");
  CHECK(attention({"f32[2, 2, 5, 4]", "f32[2, 2, 9, 4]", "f32[2, 2, 9, 4]"}, {attr("heads", 3)}) ==
        "attention: heads is 3, but the shapes say 2");
  CHECK(attention({"f32[2, 2, 5, 4]", "f32[2, 2, 9, 4]", "f32[2, 2, 9, 4]"}, {attr("mask", "custom")}) ==
        "attention: mask custom needs a mask input");
  CHECK(attention({"f32[2, 2, 5, 4]", "f32[2, 2, 9, 4]", "f32[2, 2, 9, 4]", "bool[5, 9]"}) ==
        "attention: mask none takes no a mask input");
  CHECK(attention({"f32[2, 2, 5, 4]", "f32[2, 2, 9, 4]", "f32[2, 2, 9, 4]", "bool[5, 8]"}, {attr("mask", "custom")}) ==
        "attention: mask [5, 8] does not broadcast to [2, 2, 5, 9]");
  CHECK(attention({"f32[2, 2, 5, 4]", "f32[2, 2, 9, 4]", "f32[2, 2, 9, 4]"}, {attr("mask", "window")}) ==
        "attention: window is 0 with mask window");
}

TEST_CASE("rope checks its tables", "[ops]") {
  const auto rope = [](std::vector<std::string> inputs, rlx::Attrs attrs = {}) {
    attrs.set("layout", std::string("bhsd"));
    attrs.set("style", std::string("half"));
    return inferred("rope", inputs, std::move(attrs));
  };
  CHECK(rope({"f32[2, 3, 5, 8]", "f32[9, 4]", "f32[9, 4]"}) == "f32[2, 3, 5, 8]");
  CHECK(rope({"f32[2, 3, 5, 8]", "f32[9, 2]", "f32[9, 2]", "i64[2, 5]"}, {attr("rotary_dim", 4)}) == "f32[2, 3, 5, 8]");
  CHECK(rope({"f32[2, 3, 5, 8]", "f32[4, 4]", "f32[4, 4]"}) == "rope: tables of 4 rows do not reach position 4");
  CHECK(rope({"f32[2, 3, 5, 8]", "f32[9, 8]", "f32[9, 8]"}) == "rope: cos has shape [9, 8], needs [9, 4]");
  CHECK(rope({"f32[2, 3, 5, 7]", "f32[9, 3]", "f32[9, 3]"}) ==
        "rope: rotary_dim 7 is odd or out of range for x [2, 3, 5, 7]");
}

TEST_CASE("random ops give floats of a static shape", "[ops]") {
  CHECK(inferred("random_uniform", {}, {attr("shape", Ints{2, 3})}) == "f32[2, 3]");
  CHECK(inferred("random_normal", {}, {attr("shape", Ints{2}), attr("to", DType::kI32)}) ==
        "random_normal: to is i32, needs a float");
  CHECK(inferred("bernoulli", {"f16[3]"}) == "f16[3]");
  CHECK(inferred("bernoulli", {"f16[3]"}, {attr("to", DType::kBool)}) == "bool[3]");
  CHECK(inferred("dropout", {"f32[3]"}, {}, 2) == "f32[3]; bool[3]");
  CHECK(inferred("dropout", {"f32[3]"}, {attr("ratio", 1.0)}) == "dropout: ratio 1 is not in [0, 1)");
  CHECK(inferred("sample", {"f16[3, 9]"}) == "i64[3]");
  CHECK(inferred("sample", {"f32[]"}) == "sample: logits have rank 0, need at least one axis");
  CHECK(inferred("sample", {"f32[3, 0]"}) == "sample: last axis of shape [3, 0] is empty");
  CHECK(inferred("sample", {"f32[9]"}, {attr("temperature", -1.0)}) ==
        "sample: temperature -1 is not a finite number of at least 0");
  CHECK(inferred("sample", {"f32[9]"}, {attr("top_k", -2)}) == "sample: top_k -2 is negative");
  CHECK(inferred("sample", {"f32[9]"}, {attr("top_p", 1.5)}) == "sample: top_p 1.5 is not in [0, 1]");
  CHECK(inferred("sample", {"f32[9]"}, {attr("min_p", -0.5)}) == "sample: min_p -0.5 is not in [0, 1]");
}

TEST_CASE("fused blocks infer like their parts", "[ops]") {
  CHECK(inferred("fused_residual_norm", {"f32[2, 4]", "f32[2, 4]", "f32[4]"}, {attr("kind", "rms")}) ==
        "f32[2, 4]; f32[2, 4]");
  CHECK(normalised("eps", "fused_residual_norm", {"f32[2, 4]", "f32[2, 4]"}, {attr("kind", "rms")}) == "1e-06");
  CHECK(normalised("eps", "fused_residual_norm", {"f32[2, 4]", "f32[2, 4]"}, {attr("kind", "layer")}) == "1e-05");
  CHECK(inferred("fused_swiglu", {"f32[2, 8]"}) == "f32[2, 4]");
  CHECK(inferred("fused_swiglu", {"f32[2, 7]"}) == "fused_swiglu: the last dim of [2, 7] is odd");
}

TEST_CASE("a fused region has elementwise steps only", "[ops]") {
  rlx::Graph body;
  const rlx::ValueId x = body.input("x", {DType::kF32, {2, 3}}).value();
  REQUIRE(body.add_output("y", body.add("softmax", {x}).value()));
  rlx::Graph graph;
  const rlx::ValueId input = graph.input("x", {DType::kF32, {2, 3}}).value();
  const auto node = graph.add_node("fused_elementwise", std::vector<rlx::ValueId>{input}, {}, {}, 1, {body});
  REQUIRE(!node);
  CHECK(node.error().message == "fused_elementwise: the body has a softmax, which is not elementwise");
}
