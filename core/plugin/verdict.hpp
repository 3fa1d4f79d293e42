// How a check says no: the verdict it leads to, one line of reason, and what the user can do about it.
#pragma once

#include <rlx/registry.hpp>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace rlx::plugin {

struct Refusal {
  VerdictCode code;
  std::string reason;
  std::string remedy;
};

template <typename T>
using Checked = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(VerdictCode code, std::string reason, std::string remedy = {}) {
  return tl::unexpected<Refusal>(Refusal{code, std::move(reason), std::move(remedy)});
}

}  // namespace rlx::plugin
