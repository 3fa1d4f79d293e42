// Worded errors for the core's own sources: fail(Code::kNotFound, "port {} is unknown", name). Public headers know
// nothing of fmt.
#pragma once

#include <rlx/status.hpp>

#include <fmt/core.h>

namespace rlx {

tl::unexpected<Error> fail_text(Code code, fmt::string_view format, fmt::format_args args);

template <typename... Args>
tl::unexpected<Error> fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return fail_text(code, format, fmt::make_format_args(args...));
}

}  // namespace rlx
