// Places the identity note into the plugin file. Use RLX_PLUGIN_NOTE once, at namespace scope, in the file with the
// entry.
#pragma once

#include <rlx/plugin.h>

namespace rlx::sdk {

constexpr uint32_t this_sanitizer() {
#if defined(__SANITIZE_ADDRESS__)
  return RLX_SANITIZER_ADDRESS;
#elif defined(__SANITIZE_THREAD__)
  return RLX_SANITIZER_THREAD;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return RLX_SANITIZER_ADDRESS;
#elif __has_feature(thread_sanitizer)
  return RLX_SANITIZER_THREAD;
#elif __has_feature(memory_sanitizer)
  return RLX_SANITIZER_MEMORY;
#else
  return RLX_SANITIZER_NONE;
#endif
#else
  return RLX_SANITIZER_NONE;
#endif
}

// The layout of an ELF note: header, owner padded to 4 bytes, payload.
struct NoteSection {
  uint32_t owner_size, payload_size, type;
  char owner[4];
  rlx_note_v1 payload;
};

constexpr void put(char (&to)[32], const char* from) {
  for (int i = 0; i < 31 && from[i] != '\0'; ++i) to[i] = from[i];
}

constexpr NoteSection make_note(const char* id, const char* vendor, const char* version, uint32_t kinds,
                                uint64_t cpu_required = 0) {
  NoteSection n{};
  n.owner_size = sizeof RLX_NOTE_OWNER;
  n.payload_size = sizeof n.payload;
  n.type = RLX_NOTE_TYPE;
  for (unsigned i = 0; i < sizeof RLX_NOTE_OWNER; ++i) n.owner[i] = RLX_NOTE_OWNER[i];
  n.payload.note_version = RLX_NOTE_VERSION;
  n.payload.note_size = sizeof n.payload;
  n.payload.abi_major = RLX_ABI_MAJOR;
  n.payload.abi_minor_built = RLX_ABI_MINOR;
  n.payload.abi_minor_min_host = RLX_ABI_MINOR;
  n.payload.kind_bits = kinds;
  n.payload.sanitizer = this_sanitizer();
  n.payload.cpu_required[0] = cpu_required;
  put(n.payload.id, id);
  put(n.payload.vendor, vendor);
  put(n.payload.version, version);
  return n;
}

}  // namespace rlx::sdk

#define RLX_PLUGIN_NOTE(...)                                                               \
  extern "C" __attribute__((section(".note.rlx"), used, aligned(4), visibility("hidden"))) \
  const constinit rlx::sdk::NoteSection rlx_plugin_note = rlx::sdk::make_note(__VA_ARGS__)
