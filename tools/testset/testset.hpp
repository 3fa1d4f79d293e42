// ONNX backend-test directories: model.onnx beside test_data_set_N/{input,output}_i.pb. Read here for rlx-run --check
// and rlx-onnx-suite.
#pragma once

#include <rlx/onnx.hpp>

#include <string>
#include <vector>

namespace rlx::tools {

struct TestSet {
  std::vector<NamedTensor> inputs, outputs;  // in the model's order, under the model's names
};

// The directories test_data_set_* below `dir`, sorted; `dir` itself when it holds input_0.pb or output_0.pb.
std::vector<std::string> find_test_sets(const std::string& dir);

// Errors: NOT_FOUND without any output; UNIMPLEMENTED for strings, sequences and optionals.
Result<TestSet> read_test_set(const std::string& dir, const onnx::Model& model);

// The elements; a complex one as real and imaginary part.
std::vector<double> numbers_of(const TensorView& tensor);

struct Tolerance {
  double relative = 1e-3, absolute = 1e-7;  // those of ONNX's own runner
};

struct Comparison {
  bool equal = false;
  double max_absolute = 0, max_relative = 0;  // relative to the largest magnitude in `want`
  std::string text;                           // "output 'y': 3 of 1000 elements differ, first at [0, 7]: got 1, want 2"
};

// |got - want| <= absolute + relative * |want| for each number; NaN equals NaN, an infinity itself; integers and bools
// exactly.
Comparison compare(std::string_view name, const TensorView& got, const TensorView& want, const Tolerance& tolerance);

}  // namespace rlx::tools
