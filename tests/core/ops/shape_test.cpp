// Inference of shape and index ops.
#include "catch.hpp"
#include "inferred.hpp"

using namespace tests;
using rlx::DType;

TEST_CASE("reshape resolves -1 and -2", "[ops]") {
  CHECK(inferred("reshape", {"f32[4, 6]"}, {attr("shape", Ints{2, -1, 3})}) == "f32[2, 4, 3]");
  CHECK(inferred("reshape", {"f32[4, 6]"}, {attr("shape", Ints{-2, 3, -1})}) == "f32[4, 3, 2]");
  CHECK(normalised("shape", "reshape", {"f32[4, 6]"}, {attr("shape", Ints{-2, 3, -1})}) == "[4, 3, 2]");
  CHECK(inferred("reshape", {"f32[0, 3]"}, {attr("shape", Ints{5, -1})}) == "f32[5, 0]");
  CHECK(inferred("reshape", {"f32[]"}, {attr("shape", Ints{1, 1})}) == "f32[1, 1]");
}

TEST_CASE("reshape carries symbols through", "[ops]") {
  CHECK(inferred("reshape", {"f32[n, 4, 6]"}, {attr("shape", Ints{-2, -1})}) == "f32[n, 24]");
  CHECK(inferred("reshape", {"f32[n, 6]"}, {attr("shape", Ints{-1, 6})}) == "f32[n, 6]");
  CHECK(inferred("reshape", {"f32[n, 6]"}, {attr("shape", Ints{-1, 3})}) == "f32[?, 3]");
  CHECK(normalised("shape", "reshape", {"f32[n, 6]"}, {attr("shape", Ints{-2, -1})}) == "[-2, -1]");
}

TEST_CASE("reshape refuses what does not fit", "[ops]") {
  CHECK(inferred("reshape", {"f32[4, 6]"}, {attr("shape", Ints{5, 5})}) ==
        "reshape: shape [4, 6] has 24 elements, [5, 5] has 25");
  CHECK(inferred("reshape", {"f32[4, 6]"}, {attr("shape", Ints{-1, -1})}) == "reshape: shape has more than one -1");
  CHECK(inferred("reshape", {"f32[4, 6]"}, {attr("shape", Ints{-1, 5})}) ==
        "reshape: shape [4, 6] has no 5 elements per entry");
  CHECK(inferred("reshape", {"f32[4]"}, {attr("shape", Ints{-3})}) == "reshape: shape has entry -3");
  CHECK(inferred("reshape", {"f32[4]"}, {attr("shape", Ints{4, -2})}) == "reshape: shape copies dim 1 of shape [4]");
  CHECK(inferred("reshape", {"f32[0]"}, {attr("shape", Ints{0, -1})}) ==
        "reshape: -1 is ambiguous for shape [0]: the other dims have a zero");
  CHECK_THAT(inferred("reshape", {"f32[4]"}, {attr("shape", Ints{1, 1, 1, 1, 1, 1, 1, 1, 4})}),
             contains_text("reshape: "));
  CHECK_THAT(inferred("reshape", {"f32[0]"}, {attr("shape", Ints{INT64_MAX, INT64_MAX, 0})}),
             contains_text("reshape: "));
}

TEST_CASE("transpose takes a permutation", "[ops]") {
  CHECK(inferred("transpose", {"f32[2, n, 4]"}, {attr("perm", Ints{2, 0, -2})}) == "f32[4, 2, n]");
  CHECK(inferred("transpose", {"f32[]"}, {attr("perm", Ints{})}) == "f32[]");
  CHECK(inferred("transpose", {"f32[2, 3]"}, {attr("perm", Ints{0, 0})}) == "transpose: perm names axis 0 twice");
  CHECK(inferred("transpose", {"f32[2, 3]"}, {attr("perm", Ints{0})}) ==
        "transpose: perm has 1 entries for shape [2, 3]");
  CHECK(inferred("transpose", {"f32[2, 3]"}, {attr("perm", Ints{0, 2})}) ==
        "transpose: perm has axis 2, out of range for shape [2, 3]");
}

TEST_CASE("narrow stays inside its axis", "[ops]") {
  CHECK(inferred("narrow", {"f32[4, 7]"}, {attr("axis", -1), attr("start", 2), attr("len", 5)}) == "f32[4, 5]");
  CHECK(inferred("narrow", {"f32[4, 7]"}, {attr("axis", 1), attr("start", 3), attr("len", 5)}) ==
        "narrow: start 3 and len 5 out of range for axis 1 of shape [4, 7]");
  CHECK_THAT(inferred("narrow", {"f32[4]"}, {attr("axis", 0), attr("start", INT64_MAX), attr("len", INT64_MAX)}),
             contains_text("out of range"));
}

TEST_CASE("slice counts its steps", "[ops]") {
  const auto slice = [](const char* type, int64_t start, int64_t end, int64_t step) {
    return inferred("slice", {type}, {attr("starts", Ints{start}), attr("ends", Ints{end}), attr("steps", Ints{step})});
  };
  CHECK(slice("f32[9]", 1, 8, 3) == "f32[3]");
  CHECK(slice("f32[9]", 8, -1, -3) == "f32[3]");
  CHECK(slice("f32[9]", 5, 5, 1) == "f32[0]");
  CHECK(slice("f32[9]", 5, 2, 1) == "f32[0]");
  CHECK(slice("f32[0]", 0, 0, 1) == "f32[0]");
  CHECK(slice("f32[9]", 0, INT64_MAX, 2) == "f32[5]");
  CHECK(slice("f32[9]", 8, -1, INT64_MIN) == "f32[1]");
  CHECK(slice("f32[n]", 0, INT64_MAX, 1) == "f32[n]");
  CHECK(slice("f32[n]", 1, INT64_MAX, 1) == "f32[?]");
  CHECK(slice("f32[n]", 1, 4, 1) == "f32[3]");
  CHECK(slice("f32[9]", 0, 4, 0) == "slice: steps has a zero for axis 0");
  CHECK(slice("f32[9]", 0, 10, 1) == "slice: start 0, end 10, step 1 out of range for axis 0 of shape [9]");
  CHECK(slice("f32[9]", 9, -1, -1) == "slice: start 9, end -1, step -1 out of range for axis 0 of shape [9]");
  CHECK(slice("f32[9]", -1, 4, 1) == "slice: start -1, end 4, step 1 out of range for axis 0 of shape [9]");
}

TEST_CASE("concat adds up one axis", "[ops]") {
  CHECK(inferred("concat", {"f32[2, 3]", "f32[2, 0]", "f32[2, 4]"}, {attr("axis", -1)}) == "f32[2, 7]");
  CHECK(inferred("concat", {"f32[n, 3]", "f32[n, 4]"}, {attr("axis", 1)}) == "f32[n, 7]");
  CHECK(inferred("concat", {"f32[n, 3]", "f32[2, 3]"}, {attr("axis", 0)}) == "f32[?, 3]");
  CHECK(inferred("concat", {"f32[n, 3]", "f32[5, 3]"}, {attr("axis", 1)}) == "f32[5, 6]");
  CHECK(inferred("concat", {"f32[2, 3]", "f32[3, 3]"}, {attr("axis", 1)}) ==
        "concat: input 1 has shape [3, 3], which does not fit [2, 3] along axis 1");
  CHECK(inferred("concat", {"f32[]"}, {attr("axis", 0)}) == "concat: axis 0 out of range for shape []");
  CHECK_THAT(inferred("concat", {"i8[200000000000000000]", "i8[200000000000000000]"}, {attr("axis", 0)}),
             contains_text("concat: "));
}

TEST_CASE("expand and tile repeat", "[ops]") {
  CHECK(inferred("expand", {"f32[3, 1]"}, {attr("shape", Ints{2, 3, 5})}) == "f32[2, 3, 5]");
  CHECK(inferred("expand", {"f32[n, 1]"}, {attr("shape", Ints{-2, 5})}) == "f32[n, 5]");
  CHECK(normalised("shape", "expand", {"f32[4, 1]"}, {attr("shape", Ints{-2, 5})}) == "[4, 5]");
  CHECK(inferred("expand", {"f32[3]"}, {attr("shape", Ints{4})}) == "expand: shape [3] does not broadcast to [4]");
  CHECK(inferred("expand", {"f32[3]"}, {attr("shape", Ints{})}) == "expand: shape [3] does not broadcast to []");
  CHECK(inferred("tile", {"f32[2, n]"}, {attr("repeats", Ints{3, 1})}) == "f32[6, n]");
  CHECK(inferred("tile", {"f32[2]"}, {attr("repeats", Ints{-1})}) == "tile: repeats has entry -1, needs at least 0");
  CHECK_THAT(inferred("tile", {"f32[4]"}, {attr("repeats", Ints{INT64_MAX})}), contains_text("tile: "));
}

TEST_CASE("pad needs data to reflect", "[ops]") {
  const auto pad = [](const char* type, const char* mode, int64_t begin, int64_t end) {
    return inferred("pad", {type}, {attr("mode", mode), attr("begins", Ints{begin}), attr("ends", Ints{end})});
  };
  CHECK(pad("f32[3]", "constant", 1, 2) == "f32[6]");
  CHECK(pad("f32[0]", "constant", 1, 2) == "f32[3]");
  CHECK(pad("f32[3]", "reflect", 2, 2) == "f32[7]");
  CHECK(pad("f32[2]", "wrap", 5, 0) == "f32[7]");
  CHECK(pad("f32[3]", "reflect", 3, 0) == "pad: reflect by 3 and 0 does not fit axis 0 of shape [3]");
  CHECK(pad("f32[0]", "edge", 1, 0) == "pad: edge by 1 and 0 does not fit axis 0 of shape [0]");
  CHECK(pad("f32[3]", "constant", -1, 0) == "pad: begins has entry -1, needs at least 0");
}

TEST_CASE("gather replaces an axis by the indices' axes", "[ops]") {
  CHECK(inferred("gather", {"f32[5, 7]", "i64[2, 3]"}) == "f32[2, 3, 7]");
  CHECK(inferred("gather", {"f32[5, 7]", "i32[]"}, {attr("axis", -1)}) == "f32[5]");
  CHECK(inferred("gather", {"f32[5, 7]", "i64[n]"}) == "f32[n, 7]");
  CHECK(inferred("gather", {"f32[5]", "f32[2]"}) == "gather: input 1 has dtype f32, needs i32 or i64");
  CHECK(inferred("gather", {"f32[]", "i64[2]"}) == "gather: axis 0 out of range for shape []");
  CHECK(inferred("gather_elements", {"f32[5, 7]", "i64[9, 7]"}) == "f32[9, 7]");
  CHECK(inferred("gather_elements", {"f32[5, 7]", "i64[9, 8]"}) ==
        "gather_elements: indices [9, 8] do not fit shape [5, 7] along axis 0");
  CHECK(inferred("gather_nd", {"f32[5, 7, 3]", "i64[4, 2]"}) == "f32[4, 3]");
  CHECK(inferred("gather_nd", {"f32[2, 7, 3]", "i64[2, 4, 1]"}, {attr("batch_dims", 1)}) == "f32[2, 4, 3]");
  CHECK(inferred("gather_nd", {"f32[5]", "i64[4, 2]"}) == "gather_nd: indices [4, 2] have 2 coordinates for shape [5]");
  CHECK(inferred("gather_backward", {"f32[2, 3, 7]", "i64[2, 3]"}, {attr("dim", 5)}) == "f32[5, 7]");
  CHECK(inferred("gather_backward", {"f32[2, 6]", "i64[6]"}, {attr("dim", 5), attr("axis", -1)}) == "f32[2, 5]");
}

TEST_CASE("scatters check their updates", "[ops]") {
  CHECK(inferred("scatter_add", {"f32[9, 4]", "i32[9]"}, {attr("out_dim", 5)}) == "f32[5, 4]");
  CHECK(inferred("scatter_add", {"f32[9, 4]", "i32[8]"}, {attr("out_dim", 5)}) ==
        "scatter_add: [9, 4] updates for [8] indices");
  CHECK(inferred("scatter_elements", {"f32[5, 3]", "i64[2, 3]", "f32[2, 3]"}) == "f32[5, 3]");
  CHECK(inferred("scatter_elements", {"f32[5, 3]", "i64[2, 3]", "f32[2, 2]"}) ==
        "scatter_elements: updates has shape [2, 2], needs [2, 3]");
  CHECK(inferred("scatter_elements", {"bool[5]", "i64[2]", "bool[2]"}, {attr("reduction", "add")}) ==
        "scatter_elements: input 0 has dtype bool, needs a number");
  CHECK(inferred("scatter_nd", {"f32[5, 3]", "i64[4, 1]", "f32[4, 3]"}) == "f32[5, 3]");
  CHECK(inferred("scatter_nd", {"f32[5, 3]", "i64[4, 1]", "f32[4]"}) ==
        "scatter_nd: updates has shape [4], needs [4, 3]");
}

TEST_CASE("ops that make positions check their sizes", "[ops]") {
  CHECK(inferred("one_hot", {"i64[2]", "f16[2]"}, {attr("depth", 5)}) == "f16[2, 5]");
  CHECK(inferred("one_hot", {"i64[2]", "f32[2]"}, {attr("depth", 5), attr("axis", 0)}) == "f32[5, 2]");
  CHECK(inferred("one_hot", {"i64[2]", "f32[3]"}, {attr("depth", 5)}) == "one_hot: off_on has shape [3], needs [2]");
  CHECK(inferred("iota", {}, {attr("shape", Ints{2, 3}), attr("to", DType::kI32)}) == "i32[2, 3]");
  CHECK(inferred("iota", {}, {attr("shape", Ints{-1}), attr("to", DType::kI32)}) == "iota: shape has entry -1");
  CHECK(inferred("iota", {}, {attr("shape", Ints{2}), attr("axis", 1), attr("to", DType::kI32)}) ==
        "iota: axis 1 out of range for shape [2]");
  CHECK(inferred("trilu", {"f32[3]"}, {attr("upper", 1)}) == "trilu: input 0 has shape [3], needs rank >= 2");
  CHECK(inferred("non_zero", {"f32[3, 4]"}, {attr("limit", 12)}) == "i64[2, 12]; i64[]");
}
