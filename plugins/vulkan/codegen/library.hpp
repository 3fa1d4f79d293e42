// elementwise.comp taken apart: its functions by name, what each calls, and everything before them. What a program may
// call, and so what the plugin claims, is what is found here.
#pragma once

#include "codegen/spirv.hpp"

#include <map>
#include <string>

namespace rlx::vulkan {

class Library {
 public:
  struct Function {
    spirv::Words code;
    uint32_t type = 0, result_type = 0;
    std::vector<uint32_t> parameter_types, calls, defines;
  };

  // The one of this build, read at the first call. Threads: any.
  static const Library& get();
  explicit Library(spirv::Words module);

  // The id of a function, 0 for none of that name.
  uint32_t find(const std::string& name) const;
  // By id, in the module's order.
  const std::vector<uint32_t>& order() const { return order_; }
  const Function& function(uint32_t id) const { return functions_.at(id); }

  uint32_t entry() const { return entry_; }
  uint32_t void_type() const { return void_type_; }
  uint32_t float_type() const { return float_type_; }
  uint32_t int_type() const { return int_type_; }    // 64 bits, signed
  uint32_t uint_type() const { return uint_type_; }  // 32 bits

  spirv::Words header() const { return module_.first(spirv::kHeaderWords); }
  // From the header to the first function.
  spirv::Words globals() const { return globals_; }

 private:
  void read_globals();
  void read_functions(spirv::Words code);

  spirv::Words module_, globals_;
  uint32_t entry_ = 0, void_type_ = 0, float_type_ = 0, int_type_ = 0, uint_type_ = 0;
  std::map<std::string, uint32_t> names_;
  std::map<uint32_t, std::vector<uint32_t>> function_types_;  // by id: the result's type, then the parameters'
  std::map<uint32_t, Function> functions_;
  std::vector<uint32_t> order_;
};

}  // namespace rlx::vulkan
