// Inference of the ops between ranks.
#include "catch.hpp"
#include "inferred.hpp"

#include <rlx/op.hpp>

using namespace tests;

TEST_CASE("collectives infer what each rank gets", "[ops]") {
  CHECK(inferred("all_reduce", {"f16[3, n]"}) == "f16[3, n]");
  CHECK(inferred("broadcast", {"bool[]"}, {attr("root", 3)}) == "bool[]");
  CHECK(inferred("all_gather", {"c64[3, 5]"}, {attr("ranks", 4)}) == "c64[12, 5]");
  CHECK(inferred("all_gather", {"f32[n, 5]"}, {attr("ranks", 4)}) == "f32[?, 5]");
  CHECK(inferred("reduce_scatter", {"i32[12, 5]"}, {attr("ranks", 4)}) == "i32[3, 5]");
  CHECK(inferred("reduce_scatter", {"i32[0, 5]"}, {attr("ranks", 4)}) == "i32[0, 5]");
  CHECK(inferred("all_to_all", {"u8[n, 2]"}, {attr("ranks", 2)}) == "u8[n, 2]");
  CHECK(normalised("kind", "all_reduce", {"f32[2]"}) == "sum");
}

TEST_CASE("collectives name what does not fit", "[ops]") {
  CHECK(inferred("all_reduce", {"i32[2]"}, {attr("kind", "mean")}) ==
        "all_reduce: input 0 has dtype i32, needs a float");
  CHECK(inferred("all_reduce", {"f32[2]"}, {attr("kind", "and")}) == "all_reduce: input 0 has dtype f32, needs bool");
  CHECK(inferred("all_reduce", {"bool[2]"}) == "all_reduce: input 0 has dtype bool, needs a number");
  CHECK(inferred("all_gather", {"f32[]"}, {attr("ranks", 4)}) == "all_gather: input 0 has shape [], needs rank >= 1");
  CHECK(inferred("all_gather", {"f32[2]"}, {attr("ranks", 0)}) == "all_gather: ranks is 0, needs at least 1");
  CHECK(inferred("reduce_scatter", {"f32[6, 2]"}, {attr("ranks", 4)}) ==
        "reduce_scatter: axis 0 of shape [6, 2] is no multiple of 4 ranks");
  CHECK(inferred("broadcast", {"f32[2]"}, {attr("root", -1)}) == "broadcast: root -1 is negative");
}
