#include "library.hpp"

#include "device/shader.hpp"

namespace rlx::vulkan {

using spirv::Instruction;
using spirv::Words;

namespace {

// glslang adds the types of the parameters to a function's name: "float_add(f1;f1;f1;".
std::string name_in(const Instruction& name) {
  constexpr size_t kFirst = 2;
  std::string text;
  for (const uint32_t word : name.words.subspan(kFirst))
    for (int shift = 0; shift < 32; shift += 8) {
      const char c = static_cast<char>(word >> shift);
      if (c == '\0' || c == '(') return text;
      text += c;
    }
  return text;
}

}  // namespace

const Library& Library::get() {
  static const Library library(spirv_of(Shader::k_elementwise));
  return library;
}

Library::Library(Words module) : module_(module) {
  const Words body = module.subspan(spirv::kHeaderWords);
  size_t at = 0;
  while ((body[at] & 0xffff) != spirv::kFunction) at += body[at] >> 16;
  globals_ = body.first(at);
  read_globals();
  read_functions(body.subspan(at));
}

void Library::read_globals() {
  spirv::for_each_instruction(globals_, [&](const Instruction& i) {
    switch (i.op()) {
      case spirv::kName:
        names_.emplace(name_in(i), i[1]);
        break;
      case spirv::kEntryPoint:
        entry_ = i[2];
        break;
      case spirv::kTypeVoid:
        void_type_ = i[1];
        break;
      case spirv::kTypeFloat:
        float_type_ = i[1];
        break;
      case spirv::kTypeInt:
        if (i[2] == 64 && i[3] == 1) int_type_ = i[1];
        if (i[2] == 32 && i[3] == 0) uint_type_ = i[1];
        break;
      case spirv::kTypeFunction:
        function_types_[i[1]].assign(i.words.begin() + 2, i.words.end());
        break;
      default:
        break;
    }
  });
}

void Library::read_functions(Words code) {
  size_t at = 0, start = 0;
  Function f;
  uint32_t id = 0;
  spirv::for_each_instruction(code, [&](const Instruction& i) {
    if (i.op() == spirv::kFunction) {
      start = at;
      id = i[2];
      const std::vector<uint32_t>& types = function_types_.at(i[4]);
      f = {{}, i[4], types.front(), {types.begin() + 1, types.end()}, {}, {}};
    } else if (const uint32_t defined = spirv::defined_id(i)) {
      f.defines.push_back(defined);
    }
    if (i.op() == spirv::kFunctionCall) f.calls.push_back(i[3]);
    at += i.words.size();
    if (i.op() != spirv::kFunctionEnd) return;
    f.code = code.subspan(start, at - start);
    functions_.emplace(id, std::move(f));
    order_.push_back(id);
  });
}

uint32_t Library::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() || !functions_.count(found->second) ? 0 : found->second;
}

}  // namespace rlx::vulkan
