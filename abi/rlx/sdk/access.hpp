// The rules by which a host reaches tensors and parameters: which sizes and ranges are right, and the errors for those
// that are not. One text for every plugin.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace rlx::sdk {

// "tensor 'x'" or "tensor 7".
inline std::string tensor_label(const ProgramView& program, uint32_t index) {
  const rlx_tensor& t = program.tensor(index);
  return t.name.size ? "tensor '" + std::string(view(t.name)) + "'" : "tensor " + std::to_string(index);
}

// Throws OUT_OF_RANGE for an index that names no tensor.
inline const rlx_tensor& checked_tensor(const ProgramView& program, uint32_t index) {
  if (index >= program.tensor_count())
    throw Error(RLX_OUT_OF_RANGE, "tensor " + std::to_string(index) + " out of range for a program of " +
                                      std::to_string(program.tensor_count()));
  return program.tensor(index);
}

// first + count within limit, without overflow; throws OUT_OF_RANGE otherwise. what: "tensor 7", unit: "bytes".
inline void check_range(std::string_view what, uint64_t first, uint64_t count, uint64_t limit, const char* unit) {
  if (first <= limit && count <= limit - first) return;
  throw Error(RLX_OUT_OF_RANGE, std::string(what) + ": " + std::to_string(count) + " " + unit + " from " +
                                    std::to_string(first) + " exceed its " + std::to_string(limit));
}

// The elements that size_bytes of a dtype are. Throws INVALID_ARGUMENT.
inline uint64_t whole_elements(std::string_view what, rlx_dtype dtype, uint64_t size_bytes) {
  const uint64_t width = dtype_size(dtype);
  if (width == 0) throw Error(RLX_INVALID_ARGUMENT, std::string(what) + ": unknown dtype " + std::to_string(dtype));
  if (size_bytes % width != 0)
    throw Error(RLX_INVALID_ARGUMENT, std::string(what) + ": " + std::to_string(size_bytes) +
                                          " bytes are no whole number of " + dtype_name(dtype) + " elements");
  return size_bytes / width;
}

// The parameter of a name. Throws NOT_FOUND.
inline uint32_t find_param(const ProgramView& program, std::string_view name) {
  for (uint32_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    if (t.role == RLX_ROLE_PARAM && t.view_of == RLX_NO_INDEX && view(t.name) == name) return i;
  }
  throw Error(RLX_NOT_FOUND, "no parameter '" + std::string(name) + "'");
}

inline std::string param_label(std::string_view name) {
  return "parameter '" + std::string(name) + "'";
}

// That set_param brings a whole parameter. Throws INVALID_ARGUMENT with both sizes.
inline void check_param(std::string_view name, const rlx_tensor& t, rlx_dtype dtype, uint64_t size_bytes) {
  const std::string label = param_label(name);
  const uint64_t given = whole_elements(label, dtype, size_bytes);
  if (given == elements(t)) return;
  throw Error(RLX_INVALID_ARGUMENT, label + ": expected " + std::to_string(elements(t) * dtype_size(dtype)) +
                                        " bytes of " + dtype_name(dtype) + " for shape " + shape_text(t) + ", got " +
                                        std::to_string(size_bytes));
}

// The number of elements that set_param_range brings. Throws INVALID_ARGUMENT, OUT_OF_RANGE.
inline uint64_t check_param_range(std::string_view name, const rlx_tensor& t, rlx_dtype dtype, uint64_t size_bytes,
                                  uint64_t first_elem) {
  const std::string label = param_label(name);
  const uint64_t count = whole_elements(label, dtype, size_bytes);
  check_range(label, first_elem, count, elements(t), "elements");
  return count;
}

}  // namespace rlx::sdk
