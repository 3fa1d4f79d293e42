#include "link.hpp"

#include <set>

namespace rlx::vulkan {

using spirv::Instruction;
using spirv::Words;

namespace {

class Linker {
 public:
  Linker(const Library& library, const Region& region)
      : library_(library), region_(region), next_id_(library.header()[spirv::kBoundWord]) {}

  std::vector<uint32_t> run() {
    write_body();
    find_used();
    std::vector<uint32_t> code(library_.header().begin(), library_.header().end());
    append_globals(code);
    spirv::append(code, constants_);
    for (const uint32_t id : library_.order())
      if (id == replaced_)
        spirv::append(code, body_);
      else if (used_.count(id))
        spirv::append(code, library_.function(id).code);
    code[spirv::kBoundWord] = next_id_;
    return code;
  }

 private:
  void write_body() {
    const Library::Function& old = library_.function(replaced_);
    spirv::append(body_, spirv::first_instruction(old.code).words);
    const uint32_t index = next_id_++;
    spirv::append(body_, spirv::kFunctionParameter, {library_.uint_type(), index});
    spirv::append(body_, spirv::kLabel, {next_id_++});
    for (uint32_t i = 0; i < region_.inputs.size(); ++i) {
      const RegionInput& x = region_.inputs[i];
      inputs_.push_back(call(x.function, {number(i), index, number(x.dtype)}));
    }
    for (const RegionConstant& c : region_.constants) made_constants_.push_back(constant(c));
    for (const RegionStep& s : region_.steps) {
      std::vector<uint32_t> args;
      const std::vector<uint32_t>& types = library_.function(s.function).parameter_types;
      for (size_t k = 0; k < types.size(); ++k)
        args.push_back(s.args[k].of == RegionValue::Of::kNothing ? zero(types[k]) : id_of(s.args[k]));
      steps_.push_back(call(s.function, args));
    }
    for (uint32_t i = 0; i < region_.outputs.size(); ++i) {
      const RegionOutput& y = region_.outputs[i];
      const auto operand = static_cast<uint32_t>(region_.inputs.size()) + i;
      call(y.function, {number(operand), index, number(y.dtype), id_of(y.value)});
    }
    spirv::append(body_, spirv::kReturn, {});
    spirv::append(body_, spirv::kFunctionEnd, {});
  }

  uint32_t call(uint32_t function, const std::vector<uint32_t>& args) {
    constexpr uint32_t kWordsBefore = 4;
    const uint32_t made = next_id_++;
    body_.push_back((kWordsBefore + static_cast<uint32_t>(args.size())) << 16 | spirv::kFunctionCall);
    body_.insert(body_.end(), {library_.function(function).result_type, made, function});
    body_.insert(body_.end(), args.begin(), args.end());
    called_.push_back(function);
    return made;
  }

  uint32_t constant(const RegionConstant& c) {
    const uint32_t made = next_id_++, low = static_cast<uint32_t>(c.bits);
    if (c.type == RegionConstant::Type::kInt)
      spirv::append(constants_, spirv::kConstant,
                    {library_.int_type(), made, low, static_cast<uint32_t>(c.bits >> 32)});
    else
      spirv::append(constants_, spirv::kConstant,
                    {c.type == RegionConstant::Type::kFloat ? library_.float_type() : library_.uint_type(), made, low});
    return made;
  }
  uint32_t number(uint32_t n) { return constant({RegionConstant::Type::kUint, n}); }
  uint32_t zero(uint32_t type) {
    uint32_t& made = zeros_[type];
    if (!made) {
      made = next_id_++;
      spirv::append(constants_, spirv::kConstantNull, {type, made});
    }
    return made;
  }

  uint32_t id_of(const RegionValue& v) const {
    if (v.of == RegionValue::Of::kInput) return inputs_[v.number];
    return v.of == RegionValue::Of::kConstant ? made_constants_[v.number] : steps_[v.number];
  }

  void find_used() {
    std::vector<uint32_t> open = called_;
    open.push_back(library_.entry());
    while (!open.empty()) {
      const uint32_t id = open.back();
      open.pop_back();
      if (id == replaced_ || !used_.insert(id).second) continue;
      const std::vector<uint32_t>& calls = library_.function(id).calls;
      open.insert(open.end(), calls.begin(), calls.end());
    }
  }

  // Names are for readers, and nothing may decorate what is gone.
  void append_globals(std::vector<uint32_t>& code) const {
    std::set<uint32_t> gone;
    for (const uint32_t id : library_.order())
      if (!used_.count(id)) gone.insert(library_.function(id).defines.begin(), library_.function(id).defines.end());
    spirv::for_each_instruction(library_.globals(), [&](const Instruction& i) {
      switch (i.op()) {
        case spirv::kSource:
        case spirv::kSourceExtension:
        case spirv::kName:
        case spirv::kMemberName:
          return;
        case spirv::kDecorate:
          if (gone.count(i[1])) return;
          break;
        default:
          break;
      }
      spirv::append(code, i.words);
    });
  }

  const Library& library_;
  const Region& region_;
  const uint32_t replaced_ = library_.find("region");
  uint32_t next_id_;
  std::vector<uint32_t> body_, constants_;
  std::vector<uint32_t> inputs_, made_constants_, steps_;  // ids
  std::vector<uint32_t> called_;
  std::map<uint32_t, uint32_t> zeros_;  // by type
  std::set<uint32_t> used_;
};

}  // namespace

std::vector<uint32_t> link(const Library& library, const Region& region) {
  return Linker(library, region).run();
}

}  // namespace rlx::vulkan
