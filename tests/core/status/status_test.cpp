// Names of codes and dtypes, texts of errors.
#include "catch.hpp"

#include "status/format.hpp"

#include <rlx/dtype.hpp>

using namespace rlx;

TEST_CASE("codes print their name, unknown ones their number", "[status]") {
  CHECK(code_name(Code::kInvalidArgument) == "INVALID_ARGUMENT");
  CHECK(code_name(Code::kLengthMismatch) == "LENGTH_MISMATCH");
  CHECK(code_name(static_cast<Code>(77)) == "CODE_77");
}

TEST_CASE("an error's text has the remedy in parentheses when there is one", "[status]") {
  const Error plain = fail(Code::kOutOfRange, "softmax: axis {} out of range for shape {}", 3, "[2, 4]").value();
  CHECK(plain.text() == "OUT_OF_RANGE: softmax: axis 3 out of range for shape [2, 4]");
  const Error with_remedy = error(Code::kDriverMissing, "cuda: no driver", "install one").value();
  CHECK(with_remedy.text() == "DRIVER_MISSING: cuda: no driver (install one)");
}

TEST_CASE("an error's text is one line whatever names are in it", "[status]") {
  const Error e = error(Code::kNotFound, "no 'a\nb\x1b[2J\x7f'", "try\r").value();
  CHECK(e.text() == "NOT_FOUND: no 'a\\x0ab\\x1b[2J\\x7f' (try\\x0d)");
}

TEST_CASE("context goes in front of an error's message and keeps the rest", "[status]") {
  const Error inner = error(Code::kNotFound, "no such file", "check the path").value();
  const Error outer = with_context(inner, "model.onnx").value();
  CHECK(outer.message == "model.onnx: no such file");
  CHECK(outer.code == Code::kNotFound);
  CHECK(outer.remedy == "check the path");
}

TEST_CASE("every dtype parses from its own name", "[status]") {
  for (uint32_t i = kDTypeMin; i <= kDTypeMax; ++i) {
    const auto dtype = static_cast<DType>(i);
    CAPTURE(i, std::string(name_of(dtype)));
    CHECK(parse_dtype(name_of(dtype)) == dtype);
    CHECK(size_of(dtype) > 0);
  }
  CHECK(name_of(DType::kBF16) == "bf16");
  CHECK(name_of(static_cast<DType>(99)) == "?");
  CHECK_FALSE(parse_dtype("f33").has_value());
  CHECK_FALSE(parse_dtype("").has_value());
}
