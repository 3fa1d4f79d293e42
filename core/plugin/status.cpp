// The host's side of rlx_status; status.hpp has the rules.
#include "plugin/status.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace rlx::plugin {

namespace {

rlx_str literal(std::string_view text) {
  return {text.data(), text.size()};
}

rlx_status* out_of_memory_status() {
  static rlx_status status = [] {
    rlx_status s;
    s.desc.struct_size = sizeof s.desc;
    s.desc.code = RLX_RESOURCE_EXHAUSTED;
    s.desc.flags = RLX_STATUS_RETRIABLE;
    s.desc.message = literal("out of host memory");
    return s;
  }();
  return &status;
}

// Moves one text into the status's own memory.
void adopt(rlx_str& text, char*& end) {
  if (text.size) std::memcpy(end, text.data, text.size);
  text.data = end;
  end += text.size;
}

std::string copy(rlx_str text) {
  return text.size ? std::string(text.data, text.size) : std::string();
}

}  // namespace

rlx_status* make_status(const rlx_status_desc& given) noexcept {
  std::unique_ptr<rlx_status> status(new (std::nothrow) rlx_status);
  if (!status) return out_of_memory_status();
  rlx_status_desc& desc = status->desc;
  // An older plugin's struct may be shorter than ours, a newer one's longer.
  std::memcpy(&desc, &given, std::min<size_t>(given.struct_size, sizeof desc));
  desc.struct_size = sizeof desc;
  if (desc.code == RLX_OK) desc.code = RLX_UNKNOWN;
  for (rlx_str* text : {&desc.domain, &desc.message, &desc.remedy})
    if (!text->data) text->size = 0;
  status->text.reset(new (std::nothrow) char[desc.domain.size + desc.message.size + desc.remedy.size + 1]);
  if (!status->text) return out_of_memory_status();
  char* end = status->text.get();
  for (rlx_str* text : {&desc.domain, &desc.message, &desc.remedy}) adopt(*text, end);
  return status.release();
}

rlx_status* make_status(const Error& error) noexcept {
  rlx_status_desc desc{};
  desc.struct_size = sizeof desc;
  desc.code = static_cast<rlx_code>(error.code);
  desc.flags = error.flags;
  desc.native_code = error.native_code;
  desc.domain = literal(error.domain);
  desc.message = literal(error.message);
  desc.remedy = literal(error.remedy);
  return make_status(desc);
}

void release_status(rlx_status* status) noexcept {
  if (status != out_of_memory_status()) delete status;
}

Status to_status(rlx_status* status) noexcept {
  if (!status) return {};
  Error error;
  error.code = static_cast<Code>(status->desc.code);
  error.native_code = status->desc.native_code;
  error.flags = status->desc.flags;
  try {
    error.domain = copy(status->desc.domain);
    error.message = copy(status->desc.message);
    error.remedy = copy(status->desc.remedy);
  } catch (const std::bad_alloc&) {
    error.message.clear();
  }
  release_status(status);
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace rlx::plugin
