// Programs that need several devices. To the rest of the runtime a partition is one more device, whose tables are the
// host's own (partition_tables.cpp): sessions, contexts, binding, states, submit and profiles work on it as on any
// other, and a program that one device runs never comes here.
#pragma once

#include "compile/compiler.hpp"
#include "runtime/build.hpp"

namespace rlx {

// assigned.devices index request.device followed by request.fallback. Errors: those of building each segment, with the
// segment and its device named.
Result<std::shared_ptr<ExecutableImpl>> build_partition(const Assigned& assigned, const BuildRequest& request,
                                                        CompileReport report);

}  // namespace rlx
