// Dims and sizes that cannot be: too large, negative, not those of the bytes, not those of the other operand.
#include "frontends/onnx/load.hpp"

#include <limits>

using namespace tests::onnx;
using tests::contains_text;

namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

ModelBytes with_initializer(const std::string& tensor) {
  ModelBytes m = add_model();
  m.initializers = {tensor};
  return m;
}

ModelBytes with_input(const Dims& dims) {
  ModelBytes m = add_model();
  m.inputs = {value("x", kFloat, dims)};
  return m;
}

// y = op(x) with x f32[2, 3] and integers as second input.
ModelBytes with_ints(const std::string& op, const Dims& ints, std::vector<std::string> attributes = {}) {
  ModelBytes m;
  m.inputs = {value("x", kFloat, Dims{2, 3})};
  m.initializers = {tensor("ints", kInt64, {static_cast<int64_t>(ints.size())}, raw(ints))};
  m.nodes = {{.op = op, .inputs = {"x", "ints"}, .outputs = {"y"}, .attributes = std::move(attributes), .name = "n"}};
  m.outputs = {value("y", kFloat, Dims{1})};
  return m;
}

}  // namespace

TEST_CASE("operands that do not broadcast are named with their shapes", "[onnx]") {
  const std::string text = error_of(with_input({3}));
  CHECK_THAT(text, contains_text("INVALID_ARGUMENT: Add 'sum': "));
  CHECK_THAT(text, contains_text("[3]"));
  CHECK_THAT(text, contains_text("[2]"));
}

TEST_CASE("matrices whose inner dims differ are named with their shapes", "[onnx]") {
  ModelBytes m;
  m.inputs = {value("a", kFloat, Dims{2, 3}), value("b", kFloat, Dims{4, 5})};
  m.nodes = {{.op = "MatMul", .inputs = {"a", "b"}, .outputs = {"y"}, .name = "product"}};
  m.outputs = {value("y", kFloat, Dims{2, 5})};
  const std::string text = error_of(m);
  CHECK_THAT(text, contains_text("MatMul 'product': "));
  CHECK_THAT(text, contains_text("[2, 3]"));
  CHECK_THAT(text, contains_text("[4, 5]"));
}

TEST_CASE("a reshape to another number of elements is named with both", "[onnx]") {
  const std::string text = error_of(with_ints("Reshape", {4, 2}));
  CHECK_THAT(text, contains_text("Reshape 'n': "));
  CHECK_THAT(text, contains_text("[2, 3]"));
  CHECK_THAT(text, contains_text("[4, 2]"));
}

TEST_CASE("an input dim that no machine has is an error with the limit", "[onnx]") {
  for (const Dims& dims : {Dims{kHuge}, Dims{2, kHuge, 2}, Dims{0, kHuge}}) {
    const std::string text = error_of(with_input(dims));
    CHECK_THAT(text, contains_text("input 'x': dim 9223372036854775807"));
    CHECK_THAT(text, contains_text("above the limit of 288230376151711744"));
  }
  const std::string text = error_of(with_input({int64_t{1} << 40, int64_t{1} << 40}));
  CHECK_THAT(text, contains_text("input 'x': shape [1099511627776, 1099511627776] has more than"));
}

TEST_CASE("a negative input dim other than the unknown -1 is an error", "[onnx]") {
  CHECK(error_of(with_input({-5})) == "DATA_LOSS: input 'x': dim 0 is -5, needs 0 or more");
  CHECK(error_of(with_input({2, std::numeric_limits<int64_t>::min()})) ==
        "DATA_LOSS: input 'x': dim 1 is -9223372036854775808, needs 0 or more");
  CHECK(error_of(load(with_input({-1}).bytes(), {{"x_d0", 2}})).empty());
}

TEST_CASE("a symbol's value has the limits of a dim", "[onnx]") {
  ModelBytes m = add_model();
  m.inputs = {value("x", kFloat, Names{"n"})};
  CHECK(error_of(m, {{"n", 2}}).empty());
  CHECK_THAT(error_of(m, {{"n", -3}}), contains_text("symbol 'n' is bound to -3"));
  CHECK_THAT(error_of(m, {{"n", kHuge}}), contains_text("dim 9223372036854775807"));
  CHECK_THAT(error_of(m, {{"m", 2}}), contains_text("'m'"));
}

TEST_CASE("an initialiser's dims have limits", "[onnx]") {
  CHECK_THAT(error_of(with_initializer(tensor("w", kFloat, {kHuge}, ""))),
             contains_text("tensor 'w': dim 9223372036854775807"));
  CHECK_THAT(error_of(with_initializer(tensor("w", kFloat, {1 << 30, 1 << 30, 1 << 30}, ""))),
             contains_text("tensor 'w': shape [1073741824, 1073741824, 1073741824] has more than"));
  CHECK(error_of(with_initializer(tensor("w", kFloat, {2, -2}, raw<float>({1, 2, 3, 4})))) ==
        "DATA_LOSS: tensor 'w': negative dim -2");
  CHECK_THAT(error_of(with_initializer(tensor("w", kFloat, Dims(9, 1), raw<float>({1})))),
             contains_text("tensor 'w': rank 9 is above 8"));
}

TEST_CASE("an initialiser has exactly the bytes of its type", "[onnx]") {
  for (const size_t count : {0, 1, 3}) {
    CHECK(error_of(with_initializer(tensor("w", kFloat, {2}, raw(std::vector<float>(count))))) ==
          "DATA_LOSS: tensor 'w': expected 8 bytes for f32[2], got " + std::to_string(4 * count));
  }
  CHECK_THAT(error_of(with_initializer(tensor("w", kFloat, {int64_t{1} << 40}, raw<float>({1})))),
             contains_text("expected 4398046511104 bytes for f32[1099511627776], got 4"));
  // Values in float_data instead of raw bytes.
  const std::string two = Message().number(1, 2).number(2, kFloat).real(4, 1).bytes(8, "w").str();
  CHECK(error_of(with_initializer(two)) == "DATA_LOSS: tensor 'w': expected 2 values, got 1");
}

TEST_CASE("element types that do not exist are named", "[onnx]") {
  CHECK_THAT(error_of(with_initializer(tensor("w", static_cast<Type>(77), {2}, raw<float>({1, 2})))),
             contains_text("tensor 'w': element type 77 is not supported"));
  ModelBytes m = add_model();
  m.inputs = {value("x", kString, Dims{2})};
  CHECK_THAT(error_of(m), contains_text("input 'x': tensors of element type 8 (STRING) are not supported"));
}

TEST_CASE("shapes that are computed have the limits of shapes that are given", "[onnx]") {
  const std::string both[] = {"ConstantOfShape", "RandomNormal"};
  for (const Dims& dims : {Dims{kHuge}, Dims{int64_t{1} << 40, int64_t{1} << 40}, Dims{3, -1}}) {
    ModelBytes m;
    m.initializers = {tensor("ints", kInt64, {static_cast<int64_t>(dims.size())}, raw(dims))};
    m.nodes = {{.op = both[0], .inputs = {"ints"}, .outputs = {"y"}, .name = "n"}};
    m.outputs = {value("y", kFloat, Dims{1})};
    CHECK_THAT(error_of(m), contains_text("ConstantOfShape 'n': "));
    m.nodes = {{.op = both[1], .outputs = {"y"}, .attributes = {attribute("shape", dims)}, .name = "n"}};
    CHECK_THAT(error_of(m), contains_text("RandomNormal 'n': "));
  }
  CHECK_THAT(error_of(with_ints("Tile", {kHuge, 2})), contains_text("Tile 'n': "));
  CHECK_THAT(error_of(with_ints("Expand", {kHuge, 3})), contains_text("Expand 'n': "));
  CHECK_THAT(error_of(with_ints("Pad", {kHuge, 0, kHuge, 0})), contains_text("Pad 'n': "));
  CHECK_THAT(error_of(with_ints("Pad", {std::numeric_limits<int64_t>::min(), 0, 0, 0})), contains_text("Pad 'n': "));
}

TEST_CASE("what shapes depend on is not computed at any size", "[onnx]") {
  // A sum over 2^36 elements would be the number of the reshape's columns.
  ModelBytes m;
  m.inputs = {value("x", kFloat, Dims{2, 3})};
  const Dims huge = {int64_t{1} << 36};
  m.initializers = {tensor("dims", kInt64, {1}, raw(huge))};
  m.nodes = {{.op = "ConstantOfShape",
              .inputs = {"dims"},
              .outputs = {"ones"},
              .attributes = {attribute_tensor("value", tensor("", kInt64, {1}, raw<int64_t>({1})))},
              .name = "ones"},
             {.op = "ReduceSum", .inputs = {"ones"}, .outputs = {"sum"}, .name = "sum"},
             {.op = "Reshape", .inputs = {"x", "sum"}, .outputs = {"y"}, .name = "shaped"}};
  m.outputs = {value("y", kFloat, Dims{6})};
  const std::string text = error_of(m);
  CHECK_THAT(text, contains_text("RESOURCE_EXHAUSTED: Reshape 'shaped': input 'sum'"));
  CHECK_THAT(text, contains_text("549755813888 bytes"));
}

TEST_CASE("axes and windows are checked before they are used", "[onnx]") {
  CHECK(error_of(with_ints("Gather", {0}, {attribute("axis", int64_t{2})})).find("Gather 'n': ") != std::string::npos);
  CHECK_THAT(error_of(with_ints("Squeeze", {kHuge})),
             contains_text("axis 9223372036854775807 out of range for rank 2"));
  CHECK_THAT(error_of(with_ints("ReduceSum", {-3})), contains_text("ReduceSum 'n': "));
  CHECK_THAT(error_of(with_ints("TopK", {5})), contains_text("TopK 'n': "));
  CHECK_THAT(error_of(with_ints("Split", {kHuge}, {})), contains_text("Split 'n': "));
  ModelBytes pool;
  pool.inputs = {value("x", kFloat, Dims{1, 1, 4, 4})};
  pool.outputs = {value("y", kFloat, Dims{1})};
  for (const std::string name : {"kernel_shape", "strides", "dilations"}) {
    std::vector<std::string> attributes = {attribute(name, Dims{kHuge, 1})};
    if (name != "kernel_shape") attributes.push_back(attribute("kernel_shape", Dims{1, 1}));
    pool.nodes = {{.op = "MaxPool", .inputs = {"x"}, .outputs = {"y"}, .attributes = attributes, .name = "n"}};
    CHECK_THAT(error_of(pool), contains_text("MaxPool 'n': "));
    CHECK_THAT(error_of(pool), contains_text("9223372036854775807"));
  }
}
