// Any bytes as a plugin file: the note reader and the walk over needed libraries stay inside of them.
#include "plugin/elf_note.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rlx::plugin;
  const Bytes file = std::as_bytes(std::span(data, size));
  if (const Checked<rlx_note_v1> note = read_note(file); !note && note.error().reason.empty()) __builtin_trap();
  if (const Checked<ElfView> elf = ElfView::parse(file)) read_dynamic(*elf);
  return 0;
}
