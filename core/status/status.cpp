// Names of codes and the text of errors.
#include "status/format.hpp"

#include <fmt/format.h>

namespace rlx {

std::string code_name(Code code) {
  switch (code) {
    case Code::kCancelled:
      return "CANCELLED";
    case Code::kUnknown:
      return "UNKNOWN";
    case Code::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case Code::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kAlreadyExists:
      return "ALREADY_EXISTS";
    case Code::kPermissionDenied:
      return "PERMISSION_DENIED";
    case Code::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case Code::kAborted:
      return "ABORTED";
    case Code::kOutOfRange:
      return "OUT_OF_RANGE";
    case Code::kUnimplemented:
      return "UNIMPLEMENTED";
    case Code::kInternal:
      return "INTERNAL";
    case Code::kUnavailable:
      return "UNAVAILABLE";
    case Code::kDataLoss:
      return "DATA_LOSS";
    case Code::kDriverMissing:
      return "DRIVER_MISSING";
    case Code::kDriverTooOld:
      return "DRIVER_TOO_OLD";
    case Code::kDriverMismatch:
      return "DRIVER_MISMATCH";
    case Code::kDeviceLost:
      return "DEVICE_LOST";
    case Code::kAbiMismatch:
      return "ABI_MISMATCH";
    case Code::kIsaMismatch:
      return "ISA_MISMATCH";
    case Code::kQuarantined:
      return "QUARANTINED";
    case Code::kNoSlot:
      return "NO_SLOT";
    case Code::kBusy:
      return "BUSY";
    case Code::kPeerLost:
      return "PEER_LOST";
    case Code::kLengthMismatch:
      return "LENGTH_MISMATCH";
  }
  return fmt::format("CODE_{}", static_cast<uint32_t>(code));
}

std::string Error::text() const {
  std::string text = code_name(code) + ": " + message;
  if (!remedy.empty()) text += " (" + remedy + ")";
  // Names come from files: none of them may begin a second line or speak to the terminal.
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      line += fmt::format("\\x{:02x}", byte);
    else
      line += c;
  }
  return line;
}

tl::unexpected<Error> fail_text(Code code, fmt::string_view format, fmt::format_args args) {
  return error(code, fmt::vformat(format, args));
}

}  // namespace rlx
