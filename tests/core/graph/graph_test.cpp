// Building and rewriting: what add() accepts, refuses and fills in.
#include "catch.hpp"

#include <rlx/graph.hpp>

using namespace rlx;

namespace {

const TensorType kMatrix{DType::kF32, {2, 3}};

template <typename T>
std::string message(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

}  // namespace

TEST_CASE("leaves have types, names and a place among the inputs", "[graph]") {
  Graph g("net");
  const ValueId x = *g.input("x", kMatrix), w = *g.param("w", kMatrix), y = *g.input("y", kMatrix);
  CHECK(g.inputs() == std::vector<ValueId>{x, y});
  CHECK(g.type(w) == kMatrix);
  CHECK(g.producer(w).is("param"));
  CHECK(g.producer(x).attrs.str("name") == "x");
  CHECK(g.name() == "net");
}

TEST_CASE("a constant may take the name of a node that moves when it is added", "[graph]") {
  Graph g;
  ValueId last = *g.input("x", kMatrix);
  const std::string name = "a name too long for the small string that moves with its node";
  for (int i = 0; i < 100; ++i) {
    last = *g.add("unary", std::vector<ValueId>{last}, Attrs{{"kind", "neg"}}, name);
    const ValueId c = *g.constant(Literal::scalar_f32(1), g.producer(last).name);
    REQUIRE(g.value(c).name == name);
  }
}

TEST_CASE("interface names are unique within a kind", "[graph]") {
  Graph g;
  REQUIRE(g.input("x", kMatrix));
  REQUIRE(g.param("x", kMatrix));
  CHECK(g.input("x", kMatrix).error().code == Code::kAlreadyExists);
  CHECK(g.inputs().size() == 1);
}

TEST_CASE("an erased leaf gives its name back", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  g.erase(g.value(x).producer);
  CHECK(g.inputs().empty());
  CHECK(g.input("x", kMatrix).has_value());
}

TEST_CASE("leaves with impossible types are refused", "[graph]") {
  Graph g;
  CHECK_THAT(message(g.input("x", {static_cast<DType>(99), {1}})), tests::contains_text("dtype 99"));
  CHECK_THAT(message(g.input("x", {DType::kF32, {symbol_dim(0)}})), tests::contains_text("symbol 0"));
  CHECK_FALSE(g.input("x", {DType::kF32, {kMaxElements, 2}}).has_value());
  CHECK_FALSE(g.constant({{DType::kF32, {3}}, Bytes::copy("abcd", 4)}).has_value());
  CHECK_FALSE(g.state("s", kMatrix, Literal::scalar_f32(1)).has_value());
}

TEST_CASE("a node's types are inferred and its attribute defaults filled in", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  const ValueId y = *g.add("softmax", {x}, {{"axis", int64_t{-1}}}, "probabilities");
  CHECK(g.type(y) == kMatrix);
  CHECK(g.producer(y).attrs.i("axis") == 1);
  CHECK(g.producer(y).name == "probabilities");
  const ValueId z = *g.add("matmul", {x, x}, {{"trans_b", int64_t{1}}});
  CHECK(g.shape(z) == Shape{2, 2});
  CHECK(g.producer(z).attrs.has("trans_a"));
}

TEST_CASE("wrong inputs are named", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  CHECK_THAT(message(g.add("softplus", {x})), tests::contains_text("there is no such op"));
  CHECK_THAT(message(g.add("softmax", {})), tests::contains_text("softmax: 0 inputs, needs 1"));
  CHECK_THAT(message(g.add("softmax", {x, x})), tests::contains_text("2 inputs"));
  CHECK_THAT(message(g.add("softmax", {kNoValue})), tests::contains_text("input 0 is missing"));
  CHECK_THAT(message(g.add("softmax", {ValueId{7}})), tests::contains_text("value 7, which does not exist"));
  CHECK_THAT(message(g.add("top_k", {x}, {{"k", int64_t{1}}})), tests::contains_text("1 outputs, needs 2"));
  CHECK(g.node_count() == 1);
}

TEST_CASE("wrong attributes are named", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  CHECK_THAT(message(g.add("softmax", {x}, {{"axes", int64_t{1}}})), tests::contains_text("unknown attribute axes"));
  CHECK_THAT(message(g.add("softmax", {x}, {{"axis", std::string("last")}})),
             tests::contains_text("attribute axis is a string, needs an int"));
  CHECK_THAT(message(g.add("softmax", {x}, {{"axis", int64_t{3}}}, "probs")),
             tests::contains_text("out of range") && tests::contains_text("probs"));
  CHECK_THAT(message(g.add("binary", {x, x}, {{"kind", std::string("plus")}})),
             tests::contains_text("attribute kind is 'plus', needs one of add, sub"));
  CHECK_THAT(message(g.add("binary", {x, x})), tests::contains_text("attribute kind is missing"));
}

TEST_CASE("an int is taken for a float attribute", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  const ValueId y = *g.add("clamp", {x}, {{"lo", int64_t{0}}});
  CHECK(type_of(*g.producer(y).attrs.find("lo")) == AttrType::kFloat);
}

TEST_CASE("absent inputs at the end are dropped", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  const ValueId w = *g.param("w", {DType::kF32, {3, 4}});
  const ValueId y = *g.add("linear", {x, w, kNoValue}, {{"w_layout", std::string("kn")}});
  CHECK(g.producer(y).inputs.size() == 2);
}

TEST_CASE("uses follow inputs through rewriting", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  const ValueId a = *g.add("copy", {x});
  const ValueId b = *g.add("binary", {a, a}, {{"kind", std::string("add")}});
  REQUIRE(g.add_output("y", a));
  CHECK(g.value(a).uses.size() == 2);
  g.replace_uses(a, x);
  CHECK(g.value(a).uses.empty());
  CHECK(g.outputs()[0].value == x);
  CHECK(g.producer(b).inputs == std::vector<ValueId>{x, x});
  g.erase(g.value(a).producer);
  CHECK(g.value(x).uses.size() == 2);
  CHECK(verify(g));
}

TEST_CASE("set_input moves a single use", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix), y = *g.input("y", kMatrix);
  const ValueId sum = *g.add("binary", {x, x}, {{"kind", std::string("add")}});
  g.set_input(g.value(sum).producer, 1, y);
  CHECK(g.value(x).uses.size() == 1);
  CHECK(g.value(y).uses.size() == 1);
  CHECK(verify(g));
}

TEST_CASE("output names are unique, a value may be an output twice", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  CHECK(g.add_output("a", x));
  CHECK(g.add_output("b", x));
  CHECK_FALSE(g.add_output("a", x));
  CHECK_FALSE(g.add_output("c", ValueId{9}));
  CHECK(g.is_output(x));
  g.clear_outputs();
  CHECK_FALSE(g.is_output(x));
}

TEST_CASE("copies of a graph are independent", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kMatrix);
  Graph copy = g;
  REQUIRE(copy.add("copy", {x}));
  CHECK(g.node_count() == 1);
  CHECK(g.value(x).uses.empty());
}

TEST_CASE("structural equality ignores names of nodes and sees attributes", "[graph]") {
  const auto build = [](std::string_view node_name, int64_t axis) {
    Graph g;
    const ValueId x = *g.input("x", kMatrix);
    REQUIRE(g.add_output("y", *g.add("softmax", {x}, {{"axis", axis}}, node_name)));
    return g;
  };
  CHECK(structurally_equal(build("a", 1), build("b", -1)));
  CHECK_FALSE(structurally_equal(build("a", 1), build("a", 0)));
}

TEST_CASE("structural equality compares bytes of constants and wiring", "[graph]") {
  const auto build = [](float value, bool swap) {
    Graph g;
    const ValueId x = *g.input("x", {DType::kF32, {}});
    const ValueId c = *g.constant(Literal::scalar_f32(value));
    REQUIRE(g.add_output("y", *g.add("binary", {swap ? c : x, swap ? x : c}, {{"kind", std::string("sub")}})));
    return g;
  };
  CHECK(structurally_equal(build(1, false), build(1, false)));
  CHECK_FALSE(structurally_equal(build(1, false), build(2, false)));
  CHECK_FALSE(structurally_equal(build(1, false), build(1, true)));
}
