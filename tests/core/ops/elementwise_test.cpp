// Inference of elementwise ops and state.
#include "catch.hpp"
#include "inferred.hpp"

using namespace tests;
using rlx::DType;

TEST_CASE("elementwise ops broadcast as in numpy", "[ops]") {
  CHECK(inferred("binary", {"f32[4, 1, 3]", "f32[2, 1]"}, {attr("kind", "add")}) == "f32[4, 2, 3]");
  CHECK(inferred("binary", {"i8[]", "i8[0]"}, {attr("kind", "mul")}) == "i8[0]");
  CHECK(inferred("binary", {"f32[n, 3]", "f32[1]"}, {attr("kind", "add")}) == "f32[n, 3]");
  CHECK(inferred("binary", {"f32[n, 3]", "f32[5, 1]"}, {attr("kind", "add")}) == "f32[5, 3]");
  CHECK(inferred("compare", {"bool[3]", "bool[3]"}, {attr("kind", "eq")}) == "bool[3]");
  CHECK(inferred("compare", {"u64[2, 1]", "u64[3]"}, {attr("kind", "lt")}) == "bool[2, 3]");
  CHECK(inferred("where", {"bool[3, 1]", "c64[2]", "c64[]"}) == "c64[3, 2]");
}

TEST_CASE("elementwise ops refuse shapes that do not broadcast", "[ops]") {
  const std::string text = inferred("binary", {"f32[2, 3]", "f32[2, 4]"}, {attr("kind", "add")});
  CHECK_THAT(text, contains_text("binary: "));
  CHECK_THAT(text, contains_text("[2, 3]"));
  CHECK_THAT(text, contains_text("[2, 4]"));
}

TEST_CASE("nothing promotes silently", "[ops]") {
  CHECK(inferred("binary", {"f32[2]", "f16[2]"}, {attr("kind", "add")}) ==
        "binary: inputs 0 and 1 have different dtypes, f32 and f16");
  CHECK(inferred("where", {"bool[2]", "f32[2]", "f64[2]"}) ==
        "where: inputs 1 and 2 have different dtypes, f32 and f64");
  CHECK(inferred("where", {"i32[2]", "f32[2]", "f32[2]"}) == "where: input 0 has dtype i32, needs bool");
}

TEST_CASE("each kind names the dtypes it takes", "[ops]") {
  CHECK(inferred("unary", {"i32[2]"}, {attr("kind", "exp")}) == "unary: exp of i32: needs a float");
  CHECK(inferred("unary", {"f32[2]"}, {attr("kind", "not")}) == "unary: not of f32: needs bool");
  CHECK(inferred("unary", {"f32[2]"}, {attr("kind", "bit_not")}) == "unary: bit_not of f32: needs an integer");
  CHECK(inferred("unary", {"i8[2]"}, {attr("kind", "relu")}) == "i8[2]");
  CHECK(inferred("unary", {"f16[2]"}, {attr("kind", "is_nan")}) == "bool[2]");
  CHECK(inferred("binary", {"f32[2]", "f32[2]"}, {attr("kind", "and")}) == "binary: and of f32: needs bool");
  CHECK(inferred("binary", {"f32[2]", "f32[2]"}, {attr("kind", "shl")}) == "binary: shl of f32: needs an integer");
  CHECK(inferred("binary", {"bool[2]", "bool[2]"}, {attr("kind", "add")}) == "binary: add of bool: needs a number");
  CHECK(inferred("compare", {"bool[2]", "bool[2]"}, {attr("kind", "lt")}) ==
        "compare: input 0 has dtype bool, needs a number");
  CHECK_THAT(inferred("unary", {"f32[2]"}, {attr("kind", "sinus")}), contains_text("unary: "));
  CHECK_THAT(inferred("unary", {"f32[2]"}), contains_text("kind is missing"));
}

TEST_CASE("alpha and beta default per kind", "[ops]") {
  CHECK(normalised("alpha", "unary", {"f32[2]"}, {attr("kind", "leaky_relu")}) == "0.01");
  CHECK(normalised("beta", "unary", {"f32[2]"}, {attr("kind", "hard_sigmoid")}) == "0.5");
  CHECK(normalised("alpha", "unary", {"f32[2]"}, {attr("kind", "exp")}) == "0");
  CHECK(normalised("alpha", "unary", {"f32[2]"}, {attr("kind", "elu"), attr("alpha", 0.25)}) == "0.25");
}

TEST_CASE("clamp takes scalar limits of its own dtype", "[ops]") {
  CHECK(inferred("clamp", {"f32[2]", "-", "f32[]"}) == "f32[2]");
  CHECK(inferred("clamp", {"f32[2]", "f32[1]"}) == "clamp: input 1 has shape [1], needs a scalar");
  CHECK(inferred("clamp", {"f32[2]", "i32[]"}) == "clamp: inputs 0 and 1 have different dtypes, f32 and i32");
  CHECK(inferred("clamp", {"bool[2]"}) == "clamp: input 0 has dtype bool, needs a number");
}

TEST_CASE("cast changes the dtype only", "[ops]") {
  CHECK(inferred("cast", {"f32[2, n]"}, {attr("to", DType::kI8)}) == "i8[2, n]");
  CHECK(inferred("cast", {"f32[2]"}) == "cast: attribute to is missing");
}

TEST_CASE("gradients have the shape of their input", "[ops]") {
  CHECK(inferred("unary_backward", {"f32[2, 3]", "f32[2, 3]"}, {attr("kind", "gelu")}) == "f32[2, 3]");
  CHECK(inferred("unary_backward", {"f32[2, 3]", "f32[3]"}, {attr("kind", "gelu")}) ==
        "unary_backward: dy has shape [3], needs [2, 3]");
  CHECK(inferred("unary_backward", {"f32[2]", "f32[2]"}, {attr("kind", "is_nan")}) ==
        "unary_backward: is_nan of f32 has no gradient");
  CHECK(inferred("relu_backward", {"i32[2]", "i32[2]"}) == "relu_backward: input 0 has dtype i32, needs a float");
}

TEST_CASE("complex ops take c64", "[ops]") {
  CHECK(inferred("complex_norm_sq", {"c64[2]"}) == "f32[2]");
  CHECK(inferred("complex_norm_sq_backward", {"c64[2]", "f32[2]"}) == "c64[2]");
  CHECK(inferred("conjugate", {"f32[2]"}) == "conjugate: input 0 has dtype f32, needs c64");
}

TEST_CASE("state_write replaces a state or some of its rows", "[ops]") {
  rlx::Graph graph;
  const rlx::ValueId state = graph.state("cache", {DType::kF32, {8, 4}}).value();
  const auto written = [&](const std::string& x, const std::string& row, rlx::Attrs attrs = {}) {
    std::vector<rlx::ValueId> inputs = {state, add_input(graph, x)};
    if (!row.empty()) inputs.push_back(add_input(graph, row));
    const auto node = graph.add_node("state_write", inputs, std::move(attrs));
    return node ? rlx::to_string(graph.type(graph.node(*node).outputs[0])) : node.error().message;
  };
  CHECK(written("f32[8, 4]", "") == "f32[8, 4]");
  CHECK(written("f32[2, 4]", "i64[]") == "f32[8, 4]");
  CHECK(written("f32[8, 1]", "i32[]", {attr("axis", -1)}) == "f32[8, 4]");
  CHECK(written("f32[2, 4]", "") == "state_write: the new value has shape [2, 4], needs [8, 4]");
  CHECK(written("f32[9, 4]", "i64[]") == "state_write: writes 9 rows into shape [8, 4]");
  CHECK(written("f16[8, 4]", "") == "state_write: inputs 0 and 1 have different dtypes, f32 and f16");
  CHECK(written("f32[2, 4]", "f32[]") == "state_write: input 2 has dtype f32, needs i32 or i64");
}

TEST_CASE("state_write needs a state", "[ops]") {
  CHECK(inferred("state_write", {"f32[2]", "f32[2]"}) == "state_write: input 0 is not a state but the result of input");
}
