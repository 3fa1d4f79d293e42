// Looks at one candidate; examine.hpp has the order of the checks.
#include "plugin/examine.hpp"

#include "plugin/elf_note.hpp"
#include "plugin/mapped_file.hpp"

#include <rlx/sdk/note.hpp>

#include <fmt/format.h>
#include <filesystem>

namespace rlx::plugin {

namespace {

// "cpu" for ".../rlx_cpu.so": what to call a file before its note is read.
std::string id_from_file_name(const std::string& path) {
  std::string stem = std::filesystem::path(path).stem().string();
  for (const std::string_view prefix : {"librlx_", "rlx_"})
    if (stem.rfind(prefix, 0) == 0) return stem.substr(prefix.size());
  return stem;
}

const char* sanitizer_name(uint32_t sanitizer) {
  switch (sanitizer) {
    case RLX_SANITIZER_NONE:
      return "none";
    case RLX_SANITIZER_ADDRESS:
      return "address";
    case RLX_SANITIZER_THREAD:
      return "thread";
    case RLX_SANITIZER_MEMORY:
      return "memory";
    default:
      return "unknown";
  }
}

// A plain plugin runs in any host; instrumented code needs the runtime of its own sanitizer in the process.
Checked<void> check_sanitizer(uint32_t plugin, uint32_t host) {
  if (plugin == RLX_SANITIZER_NONE || plugin == host) return {};
  return refuse(VerdictCode::kWrongSanitizer,
                fmt::format("sanitizer: plugin was built with {}, this host with {}", sanitizer_name(plugin),
                            sanitizer_name(host)),
                "build plugin and host alike");
}

Checked<rlx_note_v1> read_note_of(const std::string& path) {
  return MappedFile::open(path).and_then([](const MappedFile& file) { return read_note(file.bytes()); });
}

void examine_into(Examined& e, const Candidate& candidate, const Selection& selection, const HostFacts& host) {
  Verdict& v = e.verdict;
  record(v, fmt::format("found: through {}", candidate.origin));
  if (candidate.refusal) return record(v, *candidate.refusal);

  const Checked<rlx_note_v1> note = read_note_of(candidate.real_path);
  if (!note) return record(v, note.error());
  e.note = *note;
  v.id = note->id;
  v.version = note->version;
  v.vendor = note->vendor;
  v.abi_major = note->abi_major;
  v.abi_minor_built = note->abi_minor_built;
  v.abi_minor_min_host = note->abi_minor_min_host;
  record(v, fmt::format("note: id {}, version {}, vendor {}, abi {}.{}, host >= {}.{}", v.id, v.version,
                        v.vendor.empty() ? "unknown" : v.vendor, v.abi_major, v.abi_minor_built, v.abi_major,
                        v.abi_minor_min_host));

  if (!selection.allows(v.id))
    return record(v, Refusal{VerdictCode::kDenied, "selection: " + v.id + " is not selected",
                             "change RLX_PLUGINS or the program's selection"});

  const Checked<uint32_t> minor = negotiate(*note, host.version);
  if (!minor) return record(v, minor.error());
  v.negotiated_minor = *minor;
  record(v, fmt::format("abi: both speak {}.{}", v.abi_major, *minor));

  if (const Checked<void> sanitizer = check_sanitizer(note->sanitizer, host.sanitizer); !sanitizer)
    return record(v, sanitizer.error());
  record(v, fmt::format("sanitizer: {}", sanitizer_name(note->sanitizer)));

  if (const Checked<void> cpu = check_cpu(note->cpu_required, host.cpu); !cpu) return record(v, cpu.error());
  const std::string required = cpu_feature_names(note->cpu_required[0]);
  record(v, fmt::format("cpu: requires {}", required.empty() ? "nothing special" : required));
  e.passed = true;
}

}  // namespace

HostFacts read_host_facts() {
  return {HostVersion{}, sdk::this_sanitizer(), read_cpu_features()};
}

void record(Verdict& verdict, std::string passed_check) {
  verdict.chain.push_back(std::move(passed_check));
}

void record(Verdict& verdict, const Refusal& refusal) {
  verdict.code = refusal.code;
  verdict.reason = refusal.reason;
  verdict.remedy = refusal.remedy;
  verdict.chain.push_back(refusal.reason);
}

Examined examine(const Candidate& candidate, const Selection& selection, const HostFacts& host) {
  Examined e;
  e.verdict.path = candidate.path;
  e.verdict.id = id_from_file_name(candidate.path);
  e.real_path = candidate.real_path;
  examine_into(e, candidate, selection, host);
  return e;
}

}  // namespace rlx::plugin
