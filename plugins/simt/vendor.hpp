// What tells CUDA from HIP beyond the names of calls: one constant object that each plugin defines.
#pragma once

#include "blas/blas.hpp"
#include "driver.hpp"
#include "matrix_units.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rlx::simt {

// Where a value of device_attribute is found.
struct AttributeNumbers {
#define SIMT_ATTRIBUTE(name, cuda, hip) int name;
#include "attributes.inc"
#undef SIMT_ATTRIBUTE
};

class ConvolutionLibrary;
class Device;

struct Vendor {
  std::string_view id;           // the plugin's id, and the domain of native error codes
  std::string_view device_kind;  // "NVIDIA GPU": for messages
  std::span<const char*const> driver_libraries, compiler_libraries;  // names for dlopen, best first
  BlasLibrary blas;
  const char* convolution_library;                                      // "cudnn": in profiles
  std::unique_ptr<ConvolutionLibrary> (*convolutions)(Device& device);  // NULL: the vendor's is not used
  std::string_view driver_remedy, compiler_remedy;
  AttributeNumbers attributes;
  // Fill the tables from an opened library; the symbol that is missing, or NULL.
  const char* (*load_driver)(void* library, Driver& out);
  const char* (*load_compiler)(void* library, Compiler& out);
  // "sm_90", "gfx90a" of a device.
  std::string (*arch)(const Driver& driver, int device);
  // What else tells devices apart, as words: "cc9.0 mig".
  std::string (*features)(const Driver& driver, int device);
  // As the macros of the compiler say it to device/layer.hpp.
  MatrixUnits (*matrix_units)(std::string_view arch);
  // Options for the run-time compiler; throws UNIMPLEMENTED for an architecture that it does not know. Architectures
  // are checked here because hipRTC ends the process when it meets an unknown one.
  std::vector<std::string> (*compile_options)(std::string_view arch, uint32_t warp);
  // "570.86" from what driver_version says.
  std::string (*version_text)(int version);
};

// Defined by plugins/cuda and plugins/rocm.
const Vendor& vendor();

}  // namespace rlx::simt
