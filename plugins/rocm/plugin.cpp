// The ROCm plugin: AMD's names and numbers around the host code of plugins/simt.
#include "convolution/library.hpp"
#include "library.hpp"
#include "tables.hpp"
#include "vendor.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>

#include <algorithm>

RLX_PLUGIN_NOTE("rocm", "rlx", "0.1.0", RLX_KIND_DEVICE);

namespace rlx::simt {

namespace {

constexpr const char* kDrivers[] = {"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5", "libamdhip64.so"};
// hipRTC was a part of the driver's library before it got one of its own.
constexpr const char* kCompilers[] = {"libhiprtc.so.7", "libhiprtc.so.6", "libamdhip64.so.5", "libamdhip64.so"};
constexpr const char* kBlas[] = {"libhipblaslt.so.1", "libhipblaslt.so.0"};

// What hipRTC of a version compiles for. It ends the process when it meets another architecture.
struct KnownArch {
  std::string_view name;
  int since;  // as driver_version says: major · 10^7 + minor · 10^5 + patch
};
constexpr KnownArch kKnown[] = {
    {"gfx900", 50200000},  {"gfx906", 50200000},  {"gfx908", 50200000},  {"gfx90a", 50200000}, {"gfx1030", 50200000},
    {"gfx1100", 50500000}, {"gfx1101", 50500000}, {"gfx1102", 50500000}, {"gfx942", 60000000}, {"gfx1151", 60400000},
    {"gfx1200", 60400000}, {"gfx1201", 60400000}, {"gfx950", 70000000},
};

using Properties = int (*)(void* properties, int device);
Properties read_properties = nullptr;

#define SIMT_SYMBOL(cuda, hip) #hip
#include "blas/load_calls.inc"
#include "load_tables.inc"

constexpr AttributeNumbers kAttributes{
#define SIMT_ATTRIBUTE(name, cuda, hip) hip,
#include "attributes.inc"
#undef SIMT_ATTRIBUTE
};

const char* load_driver_and_properties(void* library, Driver& driver) {
  constexpr const char *kNew = "hipGetDevicePropertiesR0600", *kOld = "hipGetDeviceProperties";
  void* found = find_symbol(library, kNew);
  if (!found) found = find_symbol(library, kOld);
  read_properties = reinterpret_cast<Properties>(found);
  return read_properties ? load_driver(library, driver) : kOld;
}

// Types had other numbers before.
const char* load_blas_of_hip6(void* library, Blas& blas) {
  constexpr int kFirst = 60000000;
  int version = 0;
  driver().driver_version(&version);
  return version < kFirst ? "hipDataType of HIP 6" : load_blas(library, blas);
}

// The name is a field of a struct that has grown between versions; it is the only text in it that begins with "gfx".
std::string arch(const Driver& driver, int device) {
  constexpr size_t kLargerThanAnyVersion = 8192;
  std::string bytes(kLargerThanAnyVersion, '\0');
  if (const int result = read_properties(bytes.data(), device)) throw_driver_error(driver.device_get.symbol, result);
  const size_t begin = bytes.find("gfx");
  if (begin == std::string::npos) return "unknown";
  return bytes.substr(begin, bytes.find_first_not_of("0123456789abcdef", begin + 3) - begin);
}

std::string features(const Driver&, int) {
  return {};
}

// MFMA with halves of both kinds and f32, and WMMA.
MatrixUnits matrix_units(std::string_view arch) {
  const bool mfma = arch == "gfx90a" || arch == "gfx942" || arch == "gfx950";
  return {mfma || arch.substr(0, 5) == "gfx11" || arch.substr(0, 5) == "gfx12", mfma, false};
}

std::vector<std::string> compile_options(std::string_view arch, uint32_t warp) {
  int version = 0;
  driver().driver_version(&version);
  const auto known =
      std::find_if(std::begin(kKnown), std::end(kKnown), [&](const KnownArch& k) { return k.name == arch; });
  if (known == std::end(kKnown) || version < known->since)
    throw sdk::Error(
        RLX_UNIMPLEMENTED,
        "rocm: hipRTC of HIP version " + std::to_string(version) + " is not known to compile for " + std::string(arch),
        "install a newer ROCm");
  return {"--offload-arch=" + std::string(arch), "-std=c++17", "-DSIMT_HIP", "-DSIMT_WARP=" + std::to_string(warp)};
}

// 50221153 is 5.2.21153.
std::string version_text(int version) {
  return "HIP " + std::to_string(version / 10'000'000) + "." + std::to_string(version / 100'000 % 100) + "." +
         std::to_string(version % 100'000);
}

}  // namespace

const Vendor& vendor() {
  static const Vendor rocm{"rocm",
                           "AMD GPU",
                           kDrivers,
                           kCompilers,
                           {"hipblaslt", kBlas, load_blas_of_hip6, kHipblasLt},
                           "miopen",
                           open_convolutions,
                           "install the HIP runtime (Debian: libamdhip64-5) and the amdgpu kernel driver",
                           "install hipRTC (Debian: libamdhip64-5), in a version that knows the device",
                           kAttributes,
                           load_driver_and_properties,
                           load_compiler,
                           arch,
                           features,
                           matrix_units,
                           compile_options,
                           version_text};
  return rocm;
}

}  // namespace rlx::simt

RLX_PLUGIN_EXPORT("rocm", rlx::simt::kPlugin)
