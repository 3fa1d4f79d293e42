// The checks of a candidate file that run none of its code, in their order, and the record they leave.
#pragma once

#include "plugin/cpu_features.hpp"
#include "plugin/negotiate.hpp"
#include "plugin/search.hpp"
#include "plugin/select.hpp"

namespace rlx::plugin {

// What a plugin has to fit to.
struct HostFacts {
  HostVersion version;
  uint32_t sanitizer = RLX_SANITIZER_NONE;
  CpuFeatures cpu;
};
HostFacts read_host_facts();

struct Examined {
  Verdict verdict;
  std::string real_path;
  rlx_note_v1 note{};
  bool passed = false;  // verdict.code means nothing yet: the file may be opened
};

// Notes a check's outcome in the chain; a refusal also becomes the verdict.
void record(Verdict& verdict, std::string passed_check);
void record(Verdict& verdict, const Refusal& refusal);

// Order: file, ELF and note, selection, ABI numbers, sanitizer, CPU.
//
// Two checks of the design have their place here and are not built; their verdict codes are reserved. The permission
// walk (kPermission: owner and mode of the file and of every directory above it) belongs before the file is mapped.
// Quarantine and the probe in a child process (kQuarantined) belong after the last check, before open_plugin().
Examined examine(const Candidate& candidate, const Selection& selection, const HostFacts& host);

}  // namespace rlx::plugin
