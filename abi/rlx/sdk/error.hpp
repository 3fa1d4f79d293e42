// Errors inside a plugin are exceptions of one type; guard() turns them, and any other exception, into a status at the
// edge of the ABI. Header-only, C++20, needs nothing but the ABI headers: vendors may copy this folder.
#pragma once

#include <rlx/plugin.h>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace rlx::sdk {

inline rlx_str str(std::string_view s) {
  return {s.data(), s.size()};
}
inline std::string_view view(rlx_str s) {
  return {s.data, static_cast<size_t>(s.size)};
}

class Error : public std::exception {
 public:
  Error(rlx_code code, std::string message, std::string remedy = {}, int64_t native_code = 0, std::string domain = {})
      : code(code),
        message(std::move(message)),
        remedy(std::move(remedy)),
        native_code(native_code),
        domain(std::move(domain)) {}
  const char* what() const noexcept override { return message.c_str(); }

  rlx_code code;
  std::string message, remedy;
  int64_t native_code;
  std::string domain;
  uint32_t flags = 0;
};

inline rlx_status* make_status(const rlx_host_v1& host, rlx_code code, std::string_view message,
                               std::string_view remedy = {}, int64_t native_code = 0, std::string_view domain = {},
                               uint32_t flags = 0) {
  rlx_status_desc desc{};
  desc.struct_size = sizeof desc;
  desc.code = code;
  desc.flags = flags;
  desc.native_code = native_code;
  desc.domain = str(domain);
  desc.message = str(message);
  desc.remedy = str(remedy);
  return host.status_make(host.ctx, &desc);
}

// Runs fn; NULL when it returns, a status when it throws.
template <typename Fn>
rlx_status* guard(const rlx_host_v1& host, Fn&& fn) noexcept {
  try {
    fn();
    return nullptr;
  } catch (const Error& e) {
    return make_status(host, e.code, e.message, e.remedy, e.native_code, e.domain, e.flags);
  } catch (const std::bad_alloc&) {
    return make_status(host, RLX_RESOURCE_EXHAUSTED, "out of host memory");
  } catch (const std::exception& e) {
    return make_status(host, RLX_INTERNAL, e.what());
  } catch (...) {
    return make_status(host, RLX_INTERNAL, "unknown exception");
  }
}

// The other direction: a failed host call becomes an Error; the status is released.
inline void check(const rlx_host_v1& host, rlx_status* status) {
  if (!status) return;
  const rlx_status_desc* d = host.status_read(host.ctx, status);
  Error e(d->code, std::string(view(d->message)), std::string(view(d->remedy)), d->native_code,
          std::string(view(d->domain)));
  e.flags = d->flags;
  host.status_release(host.ctx, status);
  throw e;
}

// Throws UNIMPLEMENTED for a member of an extension chain that the callee would have to understand; known is the type
// that it does understand, 0 for none.
inline void refuse_unknown(const rlx_ext* chain, const char* where, std::initializer_list<uint32_t> known = {}) {
  for (; chain; chain = chain->next)
    if ((chain->flags & RLX_EXT_MUST_UNDERSTAND) && std::find(known.begin(), known.end(), chain->type) == known.end())
      throw Error(RLX_UNIMPLEMENTED,
                  std::string(where) + ": extension " + std::to_string(chain->type) + " is not known to the plugin");
}

}  // namespace rlx::sdk
