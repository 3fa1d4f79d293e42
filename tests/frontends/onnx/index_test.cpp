// Indices out of range and numbers that are none, known when the model is compiled or only when it runs.
#include "frontends/onnx/load.hpp"

#include <limits>

using namespace tests::onnx;
using tests::contains_text;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Runs with data 0..11 in f32[4, 3] and the given second input.
rlx::Status run_with(const std::string& bytes, const std::string& name, const rlx::Tensor& second) {
  RLX_ASSIGN(const rlx::Executable executable, load(bytes));
  RLX_ASSIGN(rlx::Context context, executable.create_context());
  const rlx::Tensor data = tests::f32({4, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  RLX_TRY(context.set_input("data", data.view()));
  if (!name.empty()) RLX_TRY(context.set_input(name, second.view()));
  return context.run();
}

rlx::Tensor int64s(const std::vector<int64_t>& values) {
  return tests::need(rlx::Tensor::of<int64_t>(rlx::DType::kI64, {static_cast<int64_t>(values.size())}, values));
}

// y = op(x, number): the number is constant and shapes the result.
ModelBytes shaped_by(const std::string& op, float number) {
  ModelBytes m;
  m.inputs = {value("x", kInt64, Dims{2})};
  m.initializers = {tensor("number", kFloat, {}, raw<float>({number})), tensor("one", kFloat, {}, raw<float>({1})),
                    tensor("zero", kFloat, {}, raw<float>({0})), tensor("values", kFloat, {2}, raw<float>({0, 1}))};
  m.nodes = {{.op = op, .outputs = {"y"}, .name = "n"}};
  if (op == "Range") m.nodes[0].inputs = {"zero", "number", "one"};
  if (op == "OneHot") m.nodes[0].inputs = {"x", "number", "values"};
  m.outputs = {value("y", kFloat, Dims{1})};
  return m;
}

}  // namespace

TEST_CASE("a constant index out of range names node, index and limit", "[onnx]") {
  for (const int64_t index : {int64_t{4}, int64_t{-5}, std::numeric_limits<int64_t>::min()}) {
    const std::string text = error_of(run_with(gather_model({0, index}).bytes(), "", {}));
    CHECK_THAT(text, contains_text("OUT_OF_RANGE: "));
    CHECK_THAT(text, contains_text("lookup"));
    CHECK_THAT(text, contains_text(std::to_string(index)));
    CHECK_THAT(text, contains_text("size 4"));
  }
  CHECK(error_of(run_with(gather_model({0, 3, -4}).bytes(), "", {})).empty());
}

TEST_CASE("constant data with a constant index out of range fails like any other", "[onnx]") {
  ModelBytes m = gather_model({9});
  m.inputs.clear();
  m.initializers.push_back(tensor("data", kFloat, {4, 3}, raw(std::vector<float>(12))));
  const auto executable = load(m.bytes());
  REQUIRE(executable);
  auto context = tests::need(executable->create_context());
  const std::string text = error_of(context.run());
  CHECK_THAT(text, contains_text("lookup"));
  CHECK_THAT(text, contains_text("index 9 out of range"));
}

TEST_CASE("an index out of range that shapes the graph fails the import", "[onnx]") {
  // The reshape's target is picked from the input's own shape.
  ModelBytes m = gather_model({7});
  m.nodes = {{.op = "Shape", .inputs = {"data"}, .outputs = {"shape"}, .name = "dims"},
             {.op = "Gather", .inputs = {"shape", "indices"}, .outputs = {"picked"}, .name = "lookup"},
             {.op = "Reshape", .inputs = {"data", "picked"}, .outputs = {"y"}, .name = "shaped"}};
  const std::string text = error_of(m);
  CHECK_THAT(text, contains_text("OUT_OF_RANGE: Reshape 'shaped': input 'picked': "));
  CHECK_THAT(text, contains_text("lookup"));
  CHECK_THAT(text, contains_text("index 7 out of range for size 2"));
}

TEST_CASE("an index out of range at run time names node, index and limit", "[onnx]") {
  const std::string bytes = gather_model_with_input(2).bytes();
  CHECK(error_of(run_with(bytes, "indices", int64s({0, 3}))).empty());
  const std::string text = error_of(run_with(bytes, "indices", int64s({0, 4})));
  CHECK_THAT(text, contains_text("OUT_OF_RANGE: "));
  CHECK_THAT(text, contains_text("lookup"));
  CHECK_THAT(text, contains_text("index 4 out of range for size 4"));
}

TEST_CASE("floats are no indices", "[onnx]") {
  ModelBytes m = gather_model({0});
  m.initializers = {tensor("indices", kFloat, {2}, raw<float>({kNan, 1}))};
  const std::string text = error_of(m);
  CHECK_THAT(text, contains_text("Gather 'lookup': "));
  CHECK_THAT(text, contains_text("input 1 has dtype f32, needs i32 or i64"));
}

TEST_CASE("indices made from floats follow the rules of cast: NaN is 0, infinity is out of range", "[onnx]") {
  ModelBytes m = gather_model_with_input(2);
  m.inputs[1] = value("floats", kFloat, Dims{2});
  m.nodes.insert(m.nodes.begin(), {.op = "Cast",
                                   .inputs = {"floats"},
                                   .outputs = {"indices"},
                                   .attributes = {attribute("to", kInt64)},
                                   .name = "whole"});
  const std::string bytes = m.bytes();
  CHECK(error_of(run_with(bytes, "floats", tests::f32({2}, {kNan, 1}))).empty());
  const std::string text = error_of(run_with(bytes, "floats", tests::f32({2}, {1, kInfinity})));
  CHECK_THAT(text, contains_text("lookup"));
  CHECK_THAT(text, contains_text("index 9223372036854775807 out of range for size 4"));
}

TEST_CASE("a number that shapes the graph has to be one", "[onnx]") {
  CHECK(error_of(shaped_by("Range", 3)).empty());
  CHECK(error_of(shaped_by("OneHot", 3)).empty());
  for (const std::string op : {"Range", "OneHot"}) {
    for (const float number : {kNan, kInfinity, -kInfinity, 1e30f}) {
      CAPTURE(op, number);
      if (op == "Range" && number == -kInfinity) continue;  // finite or not, nothing lies between
      CHECK_THAT(error_of(shaped_by(op, number)), contains_text(op + " 'n': "));
    }
  }
}

TEST_CASE("a resize by a number that is none is an error", "[onnx]") {
  for (const float scale : {kNan, kInfinity, -1.0f, 1e30f}) {
    CAPTURE(scale);
    ModelBytes m;
    m.inputs = {value("x", kFloat, Dims{1, 1, 2, 2})};
    m.initializers = {tensor("scales", kFloat, {4}, raw<float>({1, 1, 2, scale}))};
    m.nodes = {{.op = "Resize", .inputs = {"x", "", "scales"}, .outputs = {"y"}, .name = "n"}};
    m.outputs = {value("y", kFloat, Dims{1})};
    CHECK_THAT(error_of(m), contains_text("Resize 'n': "));
  }
}
