// Errors as values: Result<T> is either a T or an Error with a code, a one-line message and, where one exists, a
// remedy. Nothing in librlx throws to its caller (std::bad_alloc becomes RESOURCE_EXHAUSTED), aborts, exits or prints.
#pragma once

#include <rlx/base.h>
#include <rlx/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace rlx {

// Same numbers as the ABI's RLX_* codes.
enum class Code : uint32_t {
  kCancelled = RLX_CANCELLED,
  kUnknown = RLX_UNKNOWN,
  kInvalidArgument = RLX_INVALID_ARGUMENT,
  kDeadlineExceeded = RLX_DEADLINE_EXCEEDED,
  kNotFound = RLX_NOT_FOUND,
  kAlreadyExists = RLX_ALREADY_EXISTS,
  kPermissionDenied = RLX_PERMISSION_DENIED,
  kResourceExhausted = RLX_RESOURCE_EXHAUSTED,
  kFailedPrecondition = RLX_FAILED_PRECONDITION,
  kAborted = RLX_ABORTED,
  kOutOfRange = RLX_OUT_OF_RANGE,
  kUnimplemented = RLX_UNIMPLEMENTED,
  kInternal = RLX_INTERNAL,
  kUnavailable = RLX_UNAVAILABLE,
  kDataLoss = RLX_DATA_LOSS,
  kDriverMissing = RLX_DRIVER_MISSING,
  kDriverTooOld = RLX_DRIVER_TOO_OLD,
  kDriverMismatch = RLX_DRIVER_MISMATCH,
  kDeviceLost = RLX_DEVICE_LOST,
  kAbiMismatch = RLX_ABI_MISMATCH,
  kIsaMismatch = RLX_ISA_MISMATCH,
  kQuarantined = RLX_QUARANTINED,
  kNoSlot = RLX_NO_SLOT,
  kBusy = RLX_BUSY,
  kPeerLost = RLX_PEER_LOST,
  kLengthMismatch = RLX_LENGTH_MISMATCH,
};

// "INVALID_ARGUMENT"; "CODE_77" for a number this build does not know.
RLX_API std::string code_name(Code code);

struct Error {
  Code code = Code::kUnknown;
  std::string message;  // "softmax: axis 3 out of range for shape [2, 4]"
  std::string remedy;   // what the user can do; may be empty
  int64_t native_code = 0;
  std::string domain;  // whose number native_code is; empty when it is none
  uint32_t flags = 0;  // RLX_STATUS_*

  // "INVALID_ARGUMENT: softmax: ... (remedy)" in one line: control characters are written as \x0a.
  RLX_API std::string text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> error(Code code, std::string message, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(remedy), 0, {}, 0});
}

// The same error with "where: " before its message.
inline tl::unexpected<Error> with_context(Error e, std::string_view where) {
  e.message = std::string(where) + ": " + e.message;
  return tl::unexpected<Error>(std::move(e));
}

}  // namespace rlx

#define RLX_CONCAT_(a, b) a##b
#define RLX_CONCAT(a, b) RLX_CONCAT_(a, b)

// Returns the error of a Status or Result from the enclosing function.
#define RLX_TRY(expr)                                                        \
  do {                                                                       \
    if (auto rlx_status_ = (expr); !rlx_status_) {                           \
      return ::tl::unexpected<::rlx::Error>(std::move(rlx_status_).error()); \
    }                                                                        \
  } while (false)

// RLX_ASSIGN(auto x, f()): declares x with the value of a Result, or returns its error.
#define RLX_ASSIGN(decl, expr) RLX_ASSIGN_(decl, expr, RLX_CONCAT(rlx_result_, __LINE__))
#define RLX_ASSIGN_(decl, expr, result)                                          \
  auto result = (expr);                                                          \
  if (!result) return ::tl::unexpected<::rlx::Error>(std::move(result).error()); \
  decl = std::move(*result)
