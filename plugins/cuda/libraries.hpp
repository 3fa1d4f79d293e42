// NVIDIA's libraries under the names that dlopen finds, best first, and the numbers of what only CUDA has.
#pragma once

namespace rlx::simt::cuda {

constexpr const char* kDrivers[] = {"libcuda.so.1"};
constexpr const char* kCompilers[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"};
constexpr const char* kBlas[] = {"libcublasLt.so.13", "libcublasLt.so.12"};
constexpr int kComputeMajor = 75, kComputeMinor = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*

}  // namespace rlx::simt::cuda
