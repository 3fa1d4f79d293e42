#include "compile/usage.hpp"

#include <elf.h>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace compile {

namespace {

constexpr uint32_t kAmdMetadata = 32;  // NT_AMDGPU_METADATA

template <typename T>
T read_at(const std::string& bytes, uint64_t at) {
  T value;
  if (at > bytes.size() || bytes.size() - at < sizeof value) throw std::runtime_error("the code object is cut short");
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

uint64_t padded(uint64_t bytes) {
  return (bytes + 3) / 4 * 4;
}

// MessagePack: the description of all kernels.
std::string_view metadata_of(const std::string& code) {
  const auto header = read_at<Elf64_Ehdr>(code, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) throw std::runtime_error("the code object is not ELF");
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = read_at<Elf64_Phdr>(code, header.e_phoff + uint64_t{i} * header.e_phentsize);
    if (segment.p_type != PT_NOTE) continue;
    for (uint64_t at = segment.p_offset; at < segment.p_offset + segment.p_filesz;) {
      const auto note = read_at<Elf64_Nhdr>(code, at);
      const uint64_t begin = at + sizeof note + padded(note.n_namesz);
      at = begin + padded(note.n_descsz);
      if (at > code.size()) throw std::runtime_error("a note of the code object is cut short");
      if (note.n_type == kAmdMetadata) return {code.data() + begin, note.n_descsz};
    }
  }
  throw std::runtime_error("the code object has no metadata");
}

}  // namespace

Usages read_ptxas(const std::string& log) {
  Usages all;
  Usage* usage = nullptr;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const size_t entry = line.find("entry function '"), used = line.find("Used "),
                 stack = line.find("bytes stack frame");
    if (entry != std::string::npos) {
      const size_t name = entry + 16;
      usage = &all[line.substr(name, line.find('\'', name) - name)];
    } else if (usage && stack != std::string::npos) {
      unsigned bytes = 0, stores = 0, loads = 0;
      if (std::sscanf(line.c_str() + line.find_first_of("0123456789"),
                      "%u bytes stack frame, %u bytes spill stores, %u bytes spill loads", &bytes, &stores,
                      &loads) == 3)
        usage->spilled = stores + loads;
    } else if (usage && used != std::string::npos) {
      usage->registers = static_cast<unsigned>(std::stoul(line.substr(used + 5)));
    }
  }
  return all;
}

Usages read_code_object(const std::string& code) {
  Usages all;
  const auto metadata = nlohmann::json::from_msgpack(metadata_of(code));
  for (const auto& kernel : metadata.at("amdhsa.kernels"))
    all[kernel.at(".name").get<std::string>()] = {kernel.at(".vgpr_count").get<unsigned>(),
                                                  kernel.at(".vgpr_spill_count").get<unsigned>(),
                                                  kernel.at(".sgpr_count").get<unsigned>()};
  return all;
}

// YAML. A kernel is an item of a list that is indented by two; what describes it, and not one of its parameters, by
// four.
Usages read_assembly(const std::string& text) {
  Usages all;
  std::string name;
  Usage usage;
  const auto keep = [&] {
    if (!name.empty()) all[name] = usage;
    name.clear();
    usage = {};
  };
  std::istringstream lines(text.substr(std::min(text.size(), text.find("amdhsa.kernels:"))));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("  - ", 0) == 0) keep();
    if (line.size() < 5 || (line.rfind("    .", 0) != 0 && line.rfind("  - .", 0) != 0)) continue;
    std::istringstream words(line.substr(4));
    std::string key, value;
    words >> key >> value;
    if (key == ".name:") name = value;
    if (key == ".vgpr_count:") usage.registers = static_cast<unsigned>(std::stoul(value));
    if (key == ".vgpr_spill_count:") usage.spilled = static_cast<unsigned>(std::stoul(value));
    if (key == ".sgpr_count:") usage.scalar_registers = static_cast<unsigned>(std::stoul(value));
  }
  keep();
  return all;
}

}  // namespace compile
