// The core's one face of fmt: errors with formatted messages.
#pragma once

#include <rlx/status.hpp>

#include <fmt/format.h>

namespace rlx {

// return fail(Code::kOutOfRange, "{}: axis {} out of range", op, axis);
template <typename... Args>
tl::unexpected<Error> fail(Code code, fmt::format_string<Args...> text, Args&&... args) {
  return error(code, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace rlx
