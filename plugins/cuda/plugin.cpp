// The CUDA plugin: NVIDIA's names and numbers around the host code of plugins/simt.
#include "convolution/library.hpp"
#include "libraries.hpp"
#include "library.hpp"
#include "tables.hpp"
#include "vendor.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>

#include <array>
#include <cstdlib>

RLX_PLUGIN_NOTE("cuda", "rlx", "0.1.0", RLX_KIND_DEVICE);

namespace rlx::simt {

namespace {

#define SIMT_SYMBOL(cuda, hip) #cuda
#include "blas/load_calls.inc"
#include "load_tables.inc"

constexpr AttributeNumbers kAttributes{
#define SIMT_ATTRIBUTE(name, cuda, hip) cuda,
#include "attributes.inc"
#undef SIMT_ATTRIBUTE
};

// Of the GPU as a whole, where the call of the list names the instance that a MIG device is.
using Uuid = std::array<uint8_t, 16>;
int (*read_gpu_uuid)(uint8_t* uuid, int device) = nullptr;

const char* load_driver_and_uuid(void* library, Driver& driver) {
  constexpr const char* kSymbol = "cuDeviceGetUuid";
  read_gpu_uuid = reinterpret_cast<decltype(read_gpu_uuid)>(find_symbol(library, kSymbol));
  return read_gpu_uuid ? load_driver(library, driver) : kSymbol;
}

struct Capability {
  int major = 0, minor = 0;
};
Capability capability(const Driver& driver, int device) {
  Capability c;
  driver.device_attribute(&c.major, cuda::kComputeMajor, device);
  driver.device_attribute(&c.minor, cuda::kComputeMinor, device);
  return c;
}

std::string arch(const Driver& driver, int device) {
  const Capability c = capability(driver, device);
  return "sm_" + std::to_string(c.major) + std::to_string(c.minor);
}

std::string features(const Driver& driver, int device) {
  const Capability c = capability(driver, device);
  std::string text = "cc" + std::to_string(c.major) + "." + std::to_string(c.minor);
  Uuid own{}, whole{};
  driver.device_uuid(own.data(), device);
  if (const int result = read_gpu_uuid(whole.data(), device)) throw_driver_error("cuDeviceGetUuid", result);
  return own == whole ? text : text + " mig";
}

// mma.m16n8k16, mma.m16n8k8 and ldmatrix.
MatrixUnits matrix_units(std::string_view arch) {
  constexpr int kSince = 80;
  const bool has = std::atoi(std::string(arch.substr(arch.find('_') + 1)).c_str()) >= kSince;
  return {has, false, has};
}

// sm_90 alone has no wgmma and sm_100 no tcgen05: kernels that use them are behind the architecture's own letter.
std::vector<std::string> compile_options(std::string_view arch, uint32_t) {
  return {"--gpu-architecture=" + std::string(arch), "--std=c++17", "-DSIMT_CUDA"};
}

// 13000 is 13.0.
std::string version_text(int version) {
  return "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

const Vendor& vendor() {
  static const Vendor cuda{
      "cuda",
      "NVIDIA GPU",
      cuda::kDrivers,
      cuda::kCompilers,
      {"cublaslt", cuda::kBlas, load_blas, kCublasLt},
      "cudnn",
      open_convolutions,
      "install the NVIDIA driver (Debian: nvidia-driver), in a version that the toolkit works with",
      "install NVRTC (Debian: libnvrtc, from the CUDA toolkit), in a version that knows the device",
      kAttributes,
      load_driver_and_uuid,
      load_compiler,
      arch,
      features,
      matrix_units,
      compile_options,
      version_text};
  return cuda;
}

}  // namespace rlx::simt

RLX_PLUGIN_EXPORT("cuda", rlx::simt::kPlugin)
