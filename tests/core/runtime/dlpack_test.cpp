#include "core/runtime/devices.hpp"

#include <rlx/dlpack.hpp>

using namespace rlx;
using tests::f32;
using tests::floats;
using tests::need;

namespace {

// A tensor of another library: 2 by 3 floats.
struct Foreign {
  DLManagedTensorVersioned managed{};
  float data[6] = {1, 2, 3, 4, 5, 6};
  int64_t shape[2] = {2, 3};
  int64_t strides[2] = {3, 1};
  int deleted = 0;

  Foreign() {
    managed.version = {1, 0};
    managed.manager_ctx = this;
    managed.deleter = [](DLManagedTensorVersioned* self) { ++static_cast<Foreign*>(self->manager_ctx)->deleted; };
    managed.dl_tensor = {data, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 0};
  }
};

}  // namespace

TEST_CASE("a tensor goes out through DLPack and comes back without a copy", "[dlpack]") {
  Tensor t = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  DLManagedTensorVersioned* out = need(to_dlpack(t));
  CHECK(out->version.major == 1);
  CHECK(out->dl_tensor.data == t.data());
  CHECK(out->dl_tensor.strides[0] == 3);
  const Tensor back = need(from_dlpack(out));
  CHECK(back.data() == t.data());
  CHECK(back.type() == t.type());
}

TEST_CASE("every dtype survives the way", "[dlpack]") {
  for (uint32_t i = kDTypeMin; i <= kDTypeMax; ++i) {
    const Tensor t = need(Tensor::zeros(static_cast<DType>(i), {2}));
    CHECK(need(from_dlpack(need(to_dlpack(t)))).dtype() == static_cast<DType>(i));
  }
}

TEST_CASE("the deleter is called once, when the last user is gone", "[dlpack]") {
  Foreign foreign;
  {
    Tensor t = need(from_dlpack(&foreign.managed));
    CHECK(t.data() == foreign.data);
    Tensor other = t;
    t = Tensor();
    CHECK(foreign.deleted == 0);
  }
  CHECK(foreign.deleted == 1);
}

TEST_CASE("strided tensors and read-only memory are copied", "[dlpack]") {
  Foreign transposed;
  transposed.shape[0] = 3;
  transposed.shape[1] = 2;
  transposed.strides[0] = 1;
  transposed.strides[1] = 3;
  CHECK(floats(need(from_dlpack(&transposed.managed))) == std::vector<float>{1, 4, 2, 5, 3, 6});
  CHECK(transposed.deleted == 1);
  Foreign read_only;
  read_only.managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  read_only.managed.dl_tensor.strides = nullptr;
  const Tensor copy = need(from_dlpack(&read_only.managed));
  CHECK(copy.data() != read_only.data);
  CHECK(floats(copy) == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("what cannot be taken stays the caller's", "[dlpack]") {
  Foreign f;
  f.managed.version.major = 2;
  CHECK(from_dlpack(&f.managed).error().code == Code::kAbiMismatch);
  f.managed.version.major = 1;
  f.managed.dl_tensor.device.device_type = kDLCUDA;
  CHECK(from_dlpack(&f.managed).error().code == Code::kUnimplemented);
  f.managed.dl_tensor.device.device_type = kDLCPU;
  f.managed.dl_tensor.dtype.lanes = 4;
  CHECK(from_dlpack(&f.managed).error().code == Code::kUnimplemented);
  f.managed.dl_tensor.dtype.lanes = 1;
  f.managed.dl_tensor.ndim = 9;
  CHECK(from_dlpack(&f.managed).error().code == Code::kInvalidArgument);
  CHECK(f.deleted == 0);
  CHECK_FALSE(from_dlpack(nullptr));
}
