// Graphs that no order can run, and nodes that nobody knows.
#include "frontends/onnx/load.hpp"

using namespace tests::onnx;
using tests::contains_text;

TEST_CASE("a cyclic graph is an error that names node and value", "[onnx]") {
  ModelBytes m = add_model();
  m.nodes = {{.op = "Add", .inputs = {"x", "b"}, .outputs = {"a"}, .name = "first"},
             {.op = "Relu", .inputs = {"a"}, .outputs = {"b"}, .name = "second"}};
  m.outputs = {value("b", kFloat, Dims{2})};
  CHECK(error_of(m) ==
        "INVALID_ARGUMENT: Add 'first': input 'b' is not available: the graph has a cycle, its nodes are out of order, "
        "or nothing makes this value");
  m.nodes = {{.op = "Relu", .inputs = {"y"}, .outputs = {"y"}, .name = "self"}};
  CHECK_THAT(error_of(m), contains_text("Relu 'self': input 'y' is not available"));
}

TEST_CASE("values that nothing makes, or two nodes make, are named", "[onnx]") {
  ModelBytes m = add_model();
  m.nodes[0].inputs[1] = "nowhere";
  CHECK_THAT(error_of(m), contains_text("Add 'sum': input 'nowhere' is not available"));
  m = add_model();
  m.outputs = {value("z", kFloat, Dims{2})};
  CHECK(error_of(m) == "INVALID_ARGUMENT: output 'z': no node makes this value");
  m = add_model();
  m.nodes.push_back(m.nodes[0]);
  CHECK_THAT(error_of(m), contains_text("Add 'sum': output 'y' is made twice"));
  m = add_model();
  m.inputs.push_back(m.inputs[0]);
  CHECK_THAT(error_of(m), contains_text("'x'"));
  m = add_model();
  m.outputs.push_back(m.outputs[0]);
  CHECK_THAT(error_of(m), contains_text("'y'"));
}

TEST_CASE("all unknown ops are listed at once with name and domain", "[onnx]") {
  ModelBytes m = add_model();
  m.nodes = {{.op = "FancyOp", .inputs = {"x"}, .outputs = {"a"}, .name = "one"},
             {.op = "Relu", .inputs = {"a"}, .outputs = {"b"}, .name = "fine"},
             {.op = "Thing", .inputs = {"b"}, .outputs = {"c"}, .domain = "com.example"},
             {.op = "Relu", .inputs = {"c"}, .outputs = {"y"}, .name = "three", .domain = "org.other"}};
  CHECK(error_of(m) ==
        "UNIMPLEMENTED: 3 nodes are not supported: FancyOp 'one' (domain 'ai.onnx'), "
        "Thing (output 'c') (domain 'com.example'), Relu 'three' (domain 'org.other')");
}

TEST_CASE("unknown ops of a branch that is taken are listed at once, those of the other do not matter", "[onnx]") {
  ModelBytes good, bad, m;
  good.nodes = {{.op = "Relu", .inputs = {"x"}, .outputs = {"a"}}};
  good.outputs = {value("a", kFloat, Dims{2})};
  bad.nodes = {{.op = "Odd", .inputs = {"x"}, .outputs = {"t"}, .name = "p"},
               {.op = "Even", .inputs = {"t"}, .outputs = {"b"}, .name = "q"}};
  bad.outputs = {value("b", kFloat, Dims{2})};
  m.inputs = {value("x", kFloat, Dims{2})};
  m.initializers = {tensor("yes", kBool, {}, raw<uint8_t>({1}))};
  m.outputs = {value("y", kFloat, Dims{2})};
  const auto branch = [&](const ModelBytes& then_body, const ModelBytes& else_body) {
    m.nodes = {{.op = "If",
                .inputs = {"yes"},
                .outputs = {"y"},
                .attributes = {attribute_graph("then_branch", then_body.graph()),
                               attribute_graph("else_branch", else_body.graph())},
                .name = "choice"}};
    return error_of(m);
  };
  CHECK(branch(good, bad).empty());
  const std::string text = branch(bad, good);
  CHECK_THAT(text, contains_text("If 'choice': 2 nodes are not supported: "));
  CHECK_THAT(text, contains_text("Odd 'p' (domain 'ai.onnx'), Even 'q' (domain 'ai.onnx')"));
}

TEST_CASE("bodies nested without end are refused", "[onnx]") {
  ModelBytes m = add_model();
  for (int depth = 0; depth < 20; ++depth) {
    ModelBytes outer = add_model();
    outer.nodes = {{.op = "If",
                    .inputs = {"w"},
                    .outputs = {"y"},
                    .attributes = {attribute_graph("then_branch", m.graph())},
                    .name = "level"}};
    m = outer;
  }
  CHECK_THAT(error_of(m), contains_text("nested deeper than 16"));
}

TEST_CASE("shape arithmetic may be as deep as the file says", "[onnx]") {
  ModelBytes m = add_model();
  m.initializers = {tensor("n0", kInt64, {1}, raw<int64_t>({2})), tensor("zero", kInt64, {1}, raw<int64_t>({0}))};
  m.nodes.clear();
  constexpr int kDepth = 5000;
  for (int i = 0; i < kDepth; ++i)
    m.nodes.push_back(
        {.op = "Add", .inputs = {"n" + std::to_string(i), "zero"}, .outputs = {"n" + std::to_string(i + 1)}});
  m.nodes.push_back({.op = "Reshape", .inputs = {"x", "n" + std::to_string(kDepth)}, .outputs = {"y"}});
  CHECK(error_of(m).empty());
}

TEST_CASE("absent inputs are errors wherever an op needs them", "[onnx]") {
  ModelBytes m = add_model();
  for (const std::string op : {"Add", "Concat", "Max", "Mean", "Sum", "Einsum", "Gather", "Reshape", "Where"}) {
    CAPTURE(op);
    m.nodes = {{.op = op, .inputs = {"x", "", "w"}, .outputs = {"y"}, .name = "n"}};
    CHECK_THAT(error_of(m), contains_text(op + " 'n': "));
    m.nodes[0].inputs = {};
    CHECK_THAT(error_of(m), contains_text(op + " 'n': "));
  }
}

TEST_CASE("attributes of a wrong type or value are errors", "[onnx]") {
  ModelBytes m = add_model();
  m.nodes = {
      {.op = "Cast", .inputs = {"x"}, .outputs = {"y"}, .attributes = {attribute("to", int64_t{99})}, .name = "n"}};
  CHECK_THAT(error_of(m), contains_text("Cast 'n': element type 99 is not supported"));
  m.nodes[0].attributes = {attribute_text("to", "float")};
  CHECK_THAT(error_of(m), contains_text("Cast 'n': "));
  m.nodes = {
      {.op = "Transpose", .inputs = {"x"}, .outputs = {"y"}, .attributes = {attribute("perm", Dims{5})}, .name = "n"}};
  CHECK_THAT(error_of(m), contains_text("Transpose 'n': "));
  m.nodes = {{.op = "Constant", .outputs = {"y"}, .name = "n"}};
  CHECK_THAT(error_of(m), contains_text("Constant 'n': "));
}
