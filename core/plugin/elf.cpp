// Reading ELF headers, segments and the dynamic section within bounds.
#include "plugin/elf.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <bit>

namespace rlx::plugin {

namespace {

#if defined(__x86_64__)
constexpr uint16_t kHostMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kHostMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr uint16_t kHostMachine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr uint16_t kHostMachine = EM_PPC64;
#elif defined(__s390x__)
constexpr uint16_t kHostMachine = EM_S390;
#elif defined(__loongarch64)
constexpr uint16_t kHostMachine = 258;  // EM_LOONGARCH, missing in older elf.h
#else
#error "add the ELF machine number of this processor"
#endif
static_assert(sizeof(void*) == 8, "librlx supports 64-bit hosts");
constexpr unsigned char kHostByteOrder = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

tl::unexpected<Refusal> truncated(std::string what) {
  return refuse(VerdictCode::kTruncated, "elf: " + std::move(what), "install the plugin again");
}

Checked<void> check_ident(Bytes file) {
  constexpr std::string_view kMagic = ELFMAG;
  const size_t common = std::min<size_t>(file.size(), SELFMAG);
  if (common == 0) return refuse(VerdictCode::kNotAPlugin, "elf: the file is empty");
  if (std::memcmp(file.data(), kMagic.data(), common) != 0)
    return refuse(VerdictCode::kNotAPlugin, "elf: not an ELF file");
  if (file.size() < EI_NIDENT) return truncated(fmt::format("the file ends after {} bytes", file.size()));
  const auto ident = [&](size_t i) { return static_cast<unsigned char>(file[i]); };
  constexpr const char* kRemedy = "install the plugin for this architecture";
  if (ident(EI_CLASS) != ELFCLASS64)
    return refuse(VerdictCode::kWrongArch, fmt::format("elf: class {}, this host is 64-bit", ident(EI_CLASS)), kRemedy);
  if (ident(EI_DATA) != kHostByteOrder)
    return refuse(VerdictCode::kWrongArch, "elf: the byte order is not this host's", kRemedy);
  const std::optional<uint16_t> machine = read_at<uint16_t>(file, offsetof(Elf64_Ehdr, e_machine));
  if (!machine) return truncated(fmt::format("the file ends after {} bytes", file.size()));
  if (*machine != kHostMachine)
    return refuse(VerdictCode::kWrongArch, fmt::format("elf: machine {}, this host is {}", *machine, kHostMachine),
                  kRemedy);
  return {};
}

}  // namespace

Checked<ElfView> ElfView::parse(Bytes file) {
  if (Checked<void> ident = check_ident(file); !ident) return tl::unexpected<Refusal>(std::move(ident).error());
  const std::optional<Elf64_Ehdr> header = read_at<Elf64_Ehdr>(file, 0);
  if (!header) return truncated(fmt::format("the file ends after {} bytes, inside its header", file.size()));
  if (header->e_type != ET_DYN)
    return refuse(VerdictCode::kNotAPlugin, fmt::format("elf: type {}, not a shared object", header->e_type));
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == PN_XNUM)
    return truncated("the program headers have an impossible size");
  // Nothing here reads section headers, but linkers put them last: a file without its end shows here.
  if (header->e_shnum && !part(file, header->e_shoff, uint64_t{header->e_shnum} * uint64_t{header->e_shentsize}))
    return truncated(fmt::format("the file ends after {} bytes, before its section headers do", file.size()));

  ElfView view;
  for (uint64_t i = 0; i < header->e_phnum; ++i) {
    const std::optional<Bytes> table = part(file, header->e_phoff, (i + 1) * sizeof(Elf64_Phdr));
    if (!table) return truncated(fmt::format("program header {} lies outside of the file", i));
    const Elf64_Phdr segment = *read_at<Elf64_Phdr>(*table, i * sizeof(Elf64_Phdr));
    const std::optional<Bytes> bytes = part(file, segment.p_offset, segment.p_filesz);
    if (!bytes)
      return truncated(fmt::format("segment {} wants bytes {} to {} of {}", i, segment.p_offset,
                                   segment.p_offset + segment.p_filesz, file.size()));
    view.segments_.push_back({segment, *bytes});
  }
  return view;
}

std::optional<Bytes> ElfView::at_address(uint64_t address) const {
  for (const Segment& segment : segments_) {
    if (segment.header.p_type != PT_LOAD || address < segment.header.p_vaddr) continue;
    const uint64_t offset = address - segment.header.p_vaddr;
    if (offset < segment.bytes.size()) return segment.bytes.subspan(static_cast<size_t>(offset));
  }
  return std::nullopt;
}

DynamicInfo read_dynamic(const ElfView& elf) {
  std::vector<uint64_t> needed, run_paths;
  uint64_t strings_address = 0;
  for (const ElfView::Segment& segment : elf.segments()) {
    if (segment.header.p_type != PT_DYNAMIC) continue;
    for (uint64_t offset = 0;; offset += sizeof(Elf64_Dyn)) {
      const std::optional<Elf64_Dyn> entry = read_at<Elf64_Dyn>(segment.bytes, offset);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
      if (entry->d_tag == DT_RUNPATH || entry->d_tag == DT_RPATH) run_paths.push_back(entry->d_un.d_val);
      if (entry->d_tag == DT_STRTAB) strings_address = entry->d_un.d_ptr;
    }
  }
  DynamicInfo info;
  const std::optional<Bytes> strings = elf.at_address(strings_address);
  if (!strings) return info;
  const std::string_view text(reinterpret_cast<const char*>(strings->data()), strings->size());
  const auto string_at = [&](uint64_t offset) {
    const std::string_view rest = offset < text.size() ? text.substr(static_cast<size_t>(offset)) : std::string_view();
    const size_t end = rest.find('\0');
    return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
  };
  for (uint64_t offset : needed)
    if (const std::string_view name = string_at(offset); !name.empty()) info.needed.push_back(name);
  if (!run_paths.empty()) info.run_path = string_at(run_paths.back());
  return info;
}

}  // namespace rlx::plugin
