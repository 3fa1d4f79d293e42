// The text form: what it looks like, that it reads back exactly, and what it refuses.
#include "catch.hpp"

#include <rlx/graph.hpp>

#include <cmath>
#include <cstring>
#include <limits>

using namespace rlx;

namespace {

// Parsing what was printed gives an equal graph that prints the same text.
void check_round_trip(const Graph& g) {
  const std::string text = print(g);
  CAPTURE(text);
  const auto parsed = parse_graph(text);
  INFO((parsed ? "parsed" : parsed.error().message));
  REQUIRE(parsed);
  CHECK(structurally_equal(g, *parsed));
  CHECK(print(*parsed) == text);
  CHECK(verify(*parsed));
}

std::string complaint(std::string_view text) {
  const auto parsed = parse_graph(text);
  return parsed ? "no error" : parsed.error().message;
}

// A graph of one constant.
Graph constant_graph(Literal literal) {
  Graph g;
  REQUIRE(g.add_output("y", *g.constant(std::move(literal))));
  return g;
}

template <typename T>
Literal literal_of(DType dtype, std::vector<T> values) {
  return Literal::of<T>(dtype, {static_cast<int64_t>(values.size())}, values);
}

}  // namespace

TEST_CASE("the text form shows inputs, constants, nodes and outputs", "[graph]") {
  Graph g("net");
  const ValueId x = *g.input("x", {DType::kF32, {g.symbol("n"), 2}});
  const ValueId c = *g.constant(literal_of<float>(DType::kF32, {0.5f, -1}));
  const ValueId sum = *g.add("binary", {x, c}, {{"kind", std::string("add")}}, "layer1/add");
  g.set_value_name(sum, "sum");
  REQUIRE(g.add_output("y", sum));
  CHECK(print(g) ==
        "graph \"net\" {\n"
        "  symbols n\n"
        "  %0 = input() {name=\"x\"} : f32[n, 2]\n"
        "  %1 = constant() {value=f32[2] {0.5, -1}} : f32[2]\n"
        "  %2 \"sum\" = binary(%0, %1) {kind=\"add\"} \"layer1/add\" : f32[n, 2]\n"
        "  output \"y\" = %2\n"
        "}\n");
  check_round_trip(g);
}

TEST_CASE("names with quotes, control characters and foreign letters survive", "[graph]") {
  const std::string name("a \"b\" \\ \n\t\x01\x7f é", 16);
  Graph g(name);
  const int64_t dim = g.symbol("batch size");
  const int64_t number_like = g.symbol("12");
  const ValueId x = *g.input(name, {DType::kF32, {dim, number_like, kUnknownDim}});
  const ValueId y = *g.add("copy", {x}, {}, name);
  g.set_value_name(y, name);
  REQUIRE(g.add_output(name, y));
  check_round_trip(g);
  CHECK(parse_graph(print(g))->name() == name);
}

TEST_CASE("names of leaves that were changed survive", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", {DType::kF32, {}});
  g.set_node_name(g.value(x).producer, "");
  g.set_value_name(x, "other");
  REQUIRE(g.add_output("y", x));
  check_round_trip(g);
  CHECK(parse_graph(print(g))->value(0).name == "other");
}

TEST_CASE("float attributes survive bit by bit", "[graph]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  uint64_t bits = 0x7ff8000000abcdef;
  double odd_nan;
  std::memcpy(&odd_nan, &bits, sizeof odd_nan);
  for (const double v : {0.1, -0.0, 1e-320, 1.7976931348623157e308, double(INFINITY), -double(INFINITY), nan, -nan,
                         odd_nan, 0.30000000000000004}) {
    Graph g;
    const ValueId x = *g.input("x", {DType::kF32, {2}});
    REQUIRE(g.add_output("y", *g.add("clamp", {x}, {{"lo", v}})));
    check_round_trip(g);
  }
}

TEST_CASE("literals of every dtype survive bit by bit", "[graph]") {
  check_round_trip(constant_graph(literal_of<float>(DType::kF32, {0.1f, -0.0f, INFINITY, NAN, 1e-45f})));
  check_round_trip(constant_graph(literal_of<double>(DType::kF64, {0.1, -INFINITY})));
  check_round_trip(constant_graph(literal_of<uint16_t>(DType::kF16, {0x3c00, 0x7e01})));
  check_round_trip(constant_graph(literal_of<uint16_t>(DType::kBF16, {0x3f80})));
  check_round_trip(constant_graph(literal_of<int8_t>(DType::kI8, {-128, 127})));
  check_round_trip(constant_graph(literal_of<int64_t>(DType::kI64, {INT64_MIN, INT64_MAX})));
  check_round_trip(constant_graph(literal_of<uint64_t>(DType::kU64, {UINT64_MAX})));
  check_round_trip(constant_graph(literal_of<uint8_t>(DType::kBool, {0, 1})));
  check_round_trip(constant_graph(literal_of<uint8_t>(DType::kBool, {2})));
  check_round_trip(constant_graph(literal_of<float>(DType::kF32, {})));
  check_round_trip(constant_graph(Literal::scalar_f32(3)));
}

TEST_CASE("a NaN with a payload is written in hex", "[graph]") {
  const uint32_t bits = 0x7fc00001;
  float odd;
  std::memcpy(&odd, &bits, sizeof odd);
  const Graph g = constant_graph(literal_of<float>(DType::kF32, {odd}));
  CHECK_THAT(print(g), tests::contains_text("hex \"0100c07f\""));
  check_round_trip(g);
}

TEST_CASE("long literals are written in hex", "[graph]") {
  std::vector<int32_t> values(1000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int32_t>(i * 2654435761u);
  const Graph g = constant_graph(literal_of<int32_t>(DType::kI32, values));
  CHECK_THAT(print(g), tests::contains_text("i32[1000] hex"));
  check_round_trip(g);
}

TEST_CASE("states, absent inputs, several outputs and all attribute types survive", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", {DType::kF32, {4, 4}});
  const ValueId s = *g.state("s", {DType::kF32, {2}}, literal_of<float>(DType::kF32, {1, 2}));
  const ValueId plain = *g.state("plain", {DType::kF32, {2}});
  REQUIRE(g.add("state_write", {plain, s}));
  const ValueId beta = *g.param("beta", {DType::kF32, {4}});
  REQUIRE(g.add_output("norm", *g.add("layer_norm", {x, kNoValue, beta})));
  const ValueId inputs[] = {x};
  const NodeId top = *g.add_node("top_k", inputs, {{"k", int64_t{2}}});
  REQUIRE(g.add_output("values", g.node(top).outputs[0]));
  REQUIRE(g.add_output("indices", g.node(top).outputs[1]));
  REQUIRE(g.add_output("half", *g.add("cast", {x}, {{"to", DType::kF16}})));
  REQUIRE(g.add_output("turned", *g.add("transpose", {x}, {{"perm", std::vector<int64_t>{1, 0}}})));
  check_round_trip(g);
}

TEST_CASE("regions survive", "[graph]") {
  Graph body("body");
  const ValueId in = *body.input("x", {DType::kF32, {2}});
  REQUIRE(body.add_output("y", *body.add("unary", {in}, {{"kind", std::string("exp")}})));
  Graph g;
  const ValueId x = *g.input("x", {DType::kF32, {2}});
  std::vector<Graph> regions = {body};
  const NodeId node = *g.add_node("fused_elementwise", std::span<const ValueId>(&x, 1), {}, "f", 1, regions);
  REQUIRE(g.add_output("y", g.node(node).outputs[0]));
  check_round_trip(g);
}

TEST_CASE("erased and rewired nodes print in order with fresh numbers", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", {DType::kF32, {2}});
  const ValueId a = *g.add("copy", {x}), b = *g.add("copy", {a}), c = *g.add("copy", {x});
  g.set_input(g.value(b).producer, 0, c);
  g.erase(g.value(a).producer);
  REQUIRE(g.add_output("y", b));
  check_round_trip(g);
}

TEST_CASE("white space and comments mean nothing, attributes have defaults", "[graph]") {
  const auto g = parse_graph(
      "# a comment\n"
      "graph \"g\"{%7=input(){name=\"x\"}:f32[2,3]\n"
      "  %1 = softmax(%7) : f32[2, 3]  # over the last axis\n"
      "output \"y\"=%1}");
  REQUIRE(g);
  CHECK(g->producer(g->outputs()[0].value).attrs.i("axis") == 1);
}

TEST_CASE("errors name the line and what is wrong", "[graph]") {
  CHECK_THAT(complaint(""), tests::contains_text("line 1: expected graph, found the end"));
  CHECK_THAT(complaint("graph \"g\" {\n  %0 = nothing() : f32[]\n}"), tests::contains_text("line 2"));
  CHECK_THAT(complaint("graph \"g\" { %0 = copy(%1) : f32[] }"), tests::contains_text("%1 is not defined"));
  CHECK_THAT(complaint("graph \"g\" { %0 = input() {name=\"x\"} : f33[] }"), tests::contains_text("no dtype 'f33'"));
  CHECK_THAT(complaint("graph \"g\" { %0 = input() {name=\"x\"} : f32[n] }"), tests::contains_text("no symbol n"));
  CHECK_THAT(complaint("graph \"g\" { %0 = input() {name=\"x\"} : f32[-3] }"), tests::contains_text("negative"));
  CHECK_THAT(complaint("graph \"g\" { %0 = input() {name=\"x\"} : f32[1,1,1,1,1,1,1,1,1] }"),
             tests::contains_text("rank 9"));
  CHECK_THAT(complaint("graph \"g\" { %0 = input() {axis=1} : f32[] }"), tests::contains_text("no attribute axis"));
  CHECK_THAT(complaint("graph \"g\" { %0 = input() : f32[] }"), tests::contains_text("has no name"));
  CHECK_THAT(complaint("graph \"g\" { } x"), tests::contains_text("after the end"));
  CHECK_THAT(complaint("graph \"g\\q\" { }"), tests::contains_text("escape"));
  CHECK_THAT(complaint("graph \"g"), tests::contains_text("expected a string"));
}

TEST_CASE("a type that inference does not give is refused", "[graph]") {
  CHECK_THAT(complaint("graph \"g\" { %0 = input() {name=\"x\"} : f32[2]\n %1 = copy(%0) : f32[3] }"),
             tests::contains_text("%1 has type f32[3], but copy gives f32[2]"));
}

TEST_CASE("a literal whose size the text does not hold is refused", "[graph]") {
  const auto constant = [](std::string value) {
    return complaint("graph \"g\" { %0 = constant() {value=" + value + "} : f32[] }");
  };
  CHECK_THAT(constant("f32[1000000000] hex \"00\""), tests::contains_text("2 hex digits"));
  CHECK_THAT(constant("f32[] hex \"0000803\""), tests::contains_text("7 hex digits"));
  CHECK_THAT(constant("f32[] hex \"0000803g\""), tests::contains_text("no hex digits"));
  CHECK_THAT(constant("f32[3] {1, 2}"), tests::contains_text("8 bytes"));
  CHECK_THAT(constant("u8[1] {256}"), tests::contains_text("no u8"));
  CHECK_THAT(constant("f16[1] {1}"), tests::contains_text("no f16"));
}

TEST_CASE("regions that nest too deeply are refused", "[graph]") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "graph \"g\" { %0 = fused_elementwise() ";
  CHECK_THAT(complaint(text), tests::contains_text("deeper"));
}
