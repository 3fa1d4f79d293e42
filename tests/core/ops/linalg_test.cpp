// Inference of matrix products, quantisation, convolutions, pools and resize.
#include "catch.hpp"
#include "inferred.hpp"

using namespace tests;
using rlx::DType;

TEST_CASE("matmul batches broadcast and vectors drop their axis", "[ops]") {
  CHECK(inferred("matmul", {"f32[3, 4]", "f32[4, 5]"}) == "f32[3, 5]");
  CHECK(inferred("matmul", {"f32[2, 1, 3, 4]", "f32[5, 4, 6]"}) == "f32[2, 5, 3, 6]");
  CHECK(inferred("matmul", {"f32[7]", "f32[7]"}) == "f32[]");
  CHECK(inferred("matmul", {"f32[7]", "f32[2, 7, 3]"}) == "f32[2, 3]");
  CHECK(inferred("matmul", {"f32[2, 3, 7]", "f32[7]"}) == "f32[2, 3]");
  CHECK(inferred("matmul", {"f32[n, 4]", "f32[5, 4]"}, {attr("trans_b", 1)}) == "f32[n, 5]");
  CHECK(inferred("matmul", {"f32[3, 0]", "f32[0, 5]"}) == "f32[3, 5]");
  CHECK(inferred("matmul", {"f32[3, 4]", "f32[5, 6]"}) == "matmul: inner dims of [3, 4] and [5, 6] differ, 4 and 5");
  CHECK(inferred("matmul", {"f32[]", "f32[5]"}) == "matmul: input 0 has shape [], needs rank >= 1");
  CHECK(inferred("matmul", {"f32[3]", "f32[3]"}, {attr("trans_a", 1)}) ==
        "matmul: a vector operand cannot be transposed");
  CHECK(inferred("matmul", {"bool[3, 3]", "bool[3, 3]"}) == "matmul: input 0 has dtype bool, needs a number");
}

TEST_CASE("dot_general orders batch and free dims", "[ops]") {
  const auto dot = [](const char* a, const char* b, Ints lc, Ints rc, Ints lb, Ints rb) {
    return inferred(
        "dot_general", {a, b},
        {attr("lhs_contracting", lc), attr("rhs_contracting", rc), attr("lhs_batch", lb), attr("rhs_batch", rb)});
  };
  CHECK(dot("f32[2, 3, 4]", "f32[4, 2, 5]", {-1}, {0}, {0}, {1}) == "f32[2, 3, 5]");
  CHECK(dot("f32[3]", "f32[4]", {}, {}, {}, {}) == "f32[3, 4]");
  CHECK(dot("f32[3, 4]", "f32[4]", {1}, {0}, {1}, {0}) ==
        "dot_general: axis 1 of [3, 4] is both batch and contracting");
  CHECK(dot("f32[3, 4]", "f32[5]", {1}, {0}, {}, {}) ==
        "dot_general: axis 1 of [3, 4] and axis 0 of [5] differ, 4 and 5");
  CHECK(dot("f32[3]", "f32[3]", {0}, {}, {}, {}) == "dot_general: lhs_contracting has 1 axes, rhs_contracting has 0");
}

TEST_CASE("linear knows both weight layouts", "[ops]") {
  CHECK(inferred("linear", {"f32[2, 3, 8]", "f32[8, 5]", "f32[5]"}, {attr("w_layout", "kn")}) == "f32[2, 3, 5]");
  CHECK(inferred("linear", {"f32[n, 8]", "f32[5, 8]"}, {attr("w_layout", "nk")}) == "f32[n, 5]");
  CHECK(inferred("linear", {"f32[2, 8]", "f32[5, 8]"}, {attr("w_layout", "kn")}) ==
        "linear: inner dims of [2, 8] and weights [5, 8] (kn) differ");
  CHECK(inferred("linear", {"f32[2, 8]", "f32[8, 5]", "f32[8]"}, {attr("w_layout", "kn")}) ==
        "linear: the bias has shape [8], needs [5]");
  CHECK(inferred("linear", {"f32[2, 8]", "f32[8, 5]"}, {attr("w_layout", "kn"), attr("activation", "is_nan")}) ==
        "linear: activation is_nan does not apply to f32");
}

TEST_CASE("quantisation scales run along an axis or are scalars", "[ops]") {
  CHECK(inferred("quantize", {"f32[2, 3]", "f32[3]", "u8[3]"}) == "u8[2, 3]");
  CHECK(inferred("quantize", {"f32[2]", "f32[]"}, {attr("to", DType::kI8)}) == "i8[2]");
  CHECK(inferred("quantize", {"f32[2, 3]", "f32[2]"}) == "quantize: scale has shape [2], needs [3]");
  CHECK(inferred("quantize", {"f32[2, 3]", "f32[]", "i8[]"}) == "quantize: zero point has dtype i8, needs u8");
  CHECK(inferred("dequantize", {"i8[2, 3]", "f16[]"}) == "f16[2, 3]");
  CHECK(inferred("dequantize", {"f32[2, 3]", "f32[]"}) == "dequantize: input 0 has dtype f32, needs an integer");
}

TEST_CASE("conv sizes follow strides, pads and dilations", "[ops]") {
  CHECK(inferred("conv", {"f32[2, 3, 8, 9]", "f32[5, 3, 3, 3]"}) == "f32[2, 5, 6, 7]");
  CHECK(inferred("conv", {"f32[n, 3, 8]", "f32[5, 3, 3]", "f32[5]"},
                 {attr("strides", Ints{2}), attr("pads_begin", Ints{1}), attr("dilations", Ints{2})}) ==
        "f32[n, 5, 3]");
  CHECK(inferred("conv", {"f32[2, 3, h, 9]", "f32[5, 3, 3, 3]"}) == "f32[2, 5, ?, 7]");
  CHECK(inferred("conv", {"f32[2, 6, 4]", "f32[4, 3, 1]"}, {attr("groups", 2)}) == "f32[2, 4, 4]");
  CHECK(normalised("strides", "conv", {"f32[2, 3, 8, 9]", "f32[5, 3, 3, 3]"}) == "[1, 1]");
  CHECK(inferred("conv", {"f32[2, 3, 8]", "f32[5, 4, 3]"}) ==
        "conv: 3 channels of [2, 3, 8] do not fit weights [5, 4, 3] in 1 groups");
  CHECK(inferred("conv", {"f32[2, 3, 2]", "f32[5, 3, 3]"}) ==
        "conv: a window of 3 does not fit spatial axis 0 of [2, 3, 2] with padding (2)");
  CHECK(inferred("conv", {"f32[2, 3, 8]", "f32[5, 3, 3]"}, {attr("strides", Ints{0})}) ==
        "conv: strides has entry 0, needs at least 1");
  CHECK(inferred("conv", {"f32[2, 3, 8]", "f32[5, 3, 3]"}, {attr("strides", Ints{1, 1})}) ==
        "conv: strides has 2 entries, needs 1");
  CHECK(inferred("conv", {"f32[2, 3]", "f32[5, 3]"}) == "conv: input 0 has shape [2, 3], needs rank 3 to 5");
  CHECK_THAT(inferred("conv", {"f32[1, 1, 8]", "f32[1, 1, 2]"}, {attr("pads_begin", Ints{INT64_MAX})}),
             contains_text("conv: "));
}

TEST_CASE("conv_transpose is the inverse size", "[ops]") {
  CHECK(inferred("conv_transpose", {"f32[1, 3, 4]", "f32[3, 2, 3]"},
                 {attr("strides", Ints{2}), attr("pads_begin", Ints{1}), attr("output_padding", Ints{1})}) ==
        "f32[1, 2, 9]");
  CHECK(inferred("conv_transpose", {"f32[1, 3, 1]", "f32[3, 2, 1]"}, {attr("pads_end", Ints{2})}) ==
        "conv_transpose: pads of 2 exceed the output size 1 of spatial axis 0");
}

TEST_CASE("fused_conv_bias_act adds a residual of the output's shape", "[ops]") {
  CHECK(inferred("fused_conv_bias_act", {"f32[1, 2, 4]", "f32[3, 2, 1]", "-", "f32[1, 3, 4]"}) == "f32[1, 3, 4]");
  CHECK(inferred("fused_conv_bias_act", {"f32[1, 2, 4]", "f32[3, 2, 1]", "-", "f32[3, 4]"}) ==
        "fused_conv_bias_act: the residual has shape [3, 4], needs [1, 3, 4]");
}

TEST_CASE("pool rounds up in ceil mode but starts no window in the end padding", "[ops]") {
  const auto pool = [](const char* x, int64_t kernel, int64_t stride, int64_t end, int ceil_mode) {
    return inferred("pool", {x},
                    {attr("kind", "max"), attr("kernel", Ints{kernel}), attr("strides", Ints{stride}),
                     attr("pads_end", Ints{end}), attr("ceil_mode", ceil_mode)});
  };
  CHECK(pool("f32[1, 1, 7]", 2, 2, 0, 0) == "f32[1, 1, 3]");
  CHECK(pool("f32[1, 1, 7]", 2, 2, 0, 1) == "f32[1, 1, 4]");
  CHECK(pool("f32[1, 1, 4]", 2, 3, 1, 1) == "f32[1, 1, 2]");
  CHECK(pool("f32[1, 1, 4]", 1, 4, 2, 1) == "f32[1, 1, 2]");
  CHECK(pool("f32[1, 1, 4]", 1, 2, 1, 1) == "f32[1, 1, 3]");
}

TEST_CASE("windows have limits", "[ops]") {
  for (const char* name : {"strides", "pads_begin", "pads_end", "dilations"}) {
    CHECK(inferred("conv", {"f32[1, 1, 4]", "f32[1, 1, 2]"}, {attr(name, Ints{int64_t{1} << 31})}) ==
          "conv: " + std::string(name) + " has entry 2147483648, needs at most 2147483647");
  }
}

TEST_CASE("a pool's taps can be counted", "[ops]") {
  const Ints large = {1 << 20, 1 << 20};
  const std::string text =
      inferred("pool", {"f32[1, 1, 2, 2]"}, {attr("kind", "max"), attr("kernel", large), attr("pads_begin", large)});
  CHECK(text == "pool: a kernel entry of 1048576 makes more than 2147483648 taps");
}

TEST_CASE("pool gives indices for max only", "[ops]") {
  const rlx::Attrs max = {attr("kind", "max"), attr("kernel", Ints{2})};
  const rlx::Attrs mean = {attr("kind", "mean"), attr("kernel", Ints{2})};
  CHECK(inferred("pool", {"f32[1, 1, 4]"}, max, 2) == "f32[1, 1, 3]; i64[1, 1, 3]");
  CHECK(inferred("pool", {"f32[1, 1, 4]"}, mean, 2) == "pool: only kind max has indices, not mean");
  CHECK(inferred("pool", {"i32[1, 1, 4]"}, mean) == "pool: input 0 has dtype i32, needs a float");
  CHECK(inferred("pool", {"f32[1, 1, 4, 4]"}, max) == "pool: kernel has 1 entries for shape [1, 1, 4, 4]");
  CHECK(inferred("global_pool", {"f32[n, 3, 4, 5]"}, {attr("kind", "lp")}) == "f32[n, 3, 1, 1]");
}

TEST_CASE("resize gives sizes", "[ops]") {
  CHECK(inferred("resize", {"f32[1, 1, 4]"}, {attr("mode", "linear"), attr("sizes", Ints{1, 1, 6})}) == "f32[1, 1, 6]");
  CHECK(normalised("scales", "resize", {"f32[1, 1, 4]"}, {attr("mode", "linear"), attr("sizes", Ints{1, 1, 6})}) ==
        "[1, 1, 1.5]");
  CHECK(inferred("resize", {"f32[1, 0]"}, {attr("mode", "linear"), attr("sizes", Ints{1, 2})}) ==
        "resize: axis 1 of shape [1, 0] is empty, cannot give 2");
  CHECK(inferred("resize", {"f32[1, 4]"}, {attr("mode", "linear"), attr("sizes", Ints{2})}) ==
        "resize: sizes has 1 entries for shape [1, 4]");
  CHECK(inferred("resize_nearest_2x", {"f32[n, 3, 4, 5]"}) == "f32[n, 3, 8, 10]");
  CHECK(inferred("space_to_depth", {"f32[1, 3, 4, 6]"}, {attr("block", 2)}) == "f32[1, 12, 2, 3]");
  CHECK(inferred("depth_to_space", {"f32[1, 12, 2, 3]"}, {attr("block", 2)}) == "f32[1, 3, 4, 6]");
  CHECK(inferred("space_to_depth", {"f32[1, 3, 4, 5]"}, {attr("block", 2)}) ==
        "space_to_depth: block 2 does not divide axis 3 of shape [1, 3, 4, 5]");
}
