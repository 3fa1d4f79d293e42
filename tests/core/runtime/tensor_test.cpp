#include "core/runtime/devices.hpp"
#include "runtime/padding.hpp"

#include <limits>

using namespace rlx;
using tests::f32;
using tests::floats;
using tests::need;
using tests::text_of;

TEST_CASE("tensors are zeroed, aligned and know their size", "[tensor]") {
  const Tensor t = need(Tensor::zeros(DType::kF16, {3, 5}));
  CHECK(t.bytes() == 30);
  CHECK(reinterpret_cast<uintptr_t>(t.data()) % 64 == 0);
  for (uint16_t v : t.as<uint16_t>()) CHECK(v == 0);
}

TEST_CASE("tensors that cannot exist are refused", "[tensor]") {
  CHECK(text_of(Tensor::zeros(DType::kF32, {kUnknownDim})).find("not static") != std::string::npos);
  CHECK(Tensor::zeros(DType::kF64, {int64_t{1} << 61}).error().code == Code::kResourceExhausted);
  CHECK(Tensor::zeros(static_cast<DType>(99), {1}).error().code == Code::kInvalidArgument);
  const float one = 1;
  CHECK(text_of(Tensor::from_bytes(DType::kF32, {2}, &one, 4)) ==
        "INVALID_ARGUMENT: tensor: f32[2] has 8 bytes, got 4");
}

TEST_CASE("a copied tensor shares memory and copy() does not", "[tensor]") {
  Tensor a = f32({2}, {1, 2});
  Tensor shared = a, own = need(a.copy());
  a.as<float>()[0] = 9;
  CHECK(floats(shared)[0] == 9);
  CHECK(floats(own)[0] == 1);
}

TEST_CASE("conversion follows the op cast", "[tensor]") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = f32({6}, {1.5f, -1.5f, 1e10f, nan, -inf, 0.0f});
  const Tensor ints = need(x.to(DType::kI32));
  const std::vector<int32_t> expected = {1, -1, INT32_MAX, 0, INT32_MIN, 0};
  CHECK(std::equal(expected.begin(), expected.end(), ints.as<int32_t>().begin()));
  const Tensor bools = need(x.to(DType::kBool));
  CHECK(bools.as<uint8_t>()[0] == 1);
  CHECK(bools.as<uint8_t>()[5] == 0);
  CHECK(floats(need(need(f32({2}, {0.5f, 65504}).to(DType::kF16)).to(DType::kF32))) == std::vector<float>{0.5f, 65504});
}

TEST_CASE("padding and cutting keep the leading corner", "[tensor]") {
  const Tensor x = f32({2, 2}, {1, 2, 3, 4});
  const Tensor padded = need(pad_to(x.view(), {3, 4}));
  CHECK(floats(padded) == std::vector<float>{1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0});
  CHECK(floats(need(cut_to(padded.view(), {2, 2}))) == floats(x));
  CHECK(floats(need(cut_to(padded.view(), {1, 3}))) == std::vector<float>{1, 2, 0});
  CHECK(need(cut_to(padded.view(), {0, 3})).bytes() == 0);
  const Tensor scalar = f32({}, {7});
  CHECK(floats(need(pad_to(scalar.view(), {}))) == std::vector<float>{7});
  CHECK_FALSE(pad_to(x.view(), {1, 4}));
  CHECK_FALSE(cut_to(x.view(), {3, 2}));
  CHECK_FALSE(cut_to(x.view(), {2}));
}
