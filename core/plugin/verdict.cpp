// The stable names of verdicts and device kinds: scripts and JSON depend on them, so none is ever renamed.
#include "plugin/verdict.hpp"

namespace rlx {

std::string_view name_of(VerdictCode code) {
  switch (code) {
    case VerdictCode::kLoaded:
      return "loaded";
    case VerdictCode::kDenied:
      return "denied";
    case VerdictCode::kNotAPlugin:
      return "not_a_plugin";
    case VerdictCode::kTruncated:
      return "truncated";
    case VerdictCode::kWrongArch:
      return "wrong_arch";
    case VerdictCode::kBadNote:
      return "bad_note";
    case VerdictCode::kMajorMismatch:
      return "major_mismatch";
    case VerdictCode::kHostTooOld:
      return "host_too_old";
    case VerdictCode::kPluginTooOld:
      return "plugin_too_old";
    case VerdictCode::kWrongSanitizer:
      return "wrong_sanitizer";
    case VerdictCode::kIsaMissing:
      return "isa_missing";
    case VerdictCode::kHiddenBy:
      return "hidden_by";
    case VerdictCode::kOpenFailed:
      return "open_failed";
    case VerdictCode::kNoEntry:
      return "no_entry";
    case VerdictCode::kRefused:
      return "refused";
    case VerdictCode::kBadTable:
      return "bad_table";
    case VerdictCode::kInitFailed:
      return "init_failed";
    case VerdictCode::kPermission:
      return "permission";
    case VerdictCode::kQuarantined:
      return "quarantined";
  }
  return "unknown";
}

std::string_view name_of(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::kCpu:
      return "cpu";
    case DeviceKind::kGpuDiscrete:
      return "gpu_discrete";
    case DeviceKind::kGpuIntegrated:
      return "gpu_integrated";
    case DeviceKind::kGpuVirtual:
      return "gpu_virtual";
    case DeviceKind::kAccelerator:
      return "accelerator";
  }
  return "unknown";
}

}  // namespace rlx
