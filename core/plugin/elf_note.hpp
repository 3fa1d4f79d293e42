// The identity note of a plugin file (rlx/plugin.h), found and checked without running any of the plugin's code.
#pragma once

#include "plugin/elf.hpp"

#include <rlx/plugin.h>

#include <array>

namespace rlx::plugin {

// Pure, and safe for any bytes. ElfView::parse's refusals, and: kNotAPlugin without a note, kTruncated when the notes
// run out of their segment, kBadNote when the note cannot be read or says something impossible, or there are two.
// The note that comes back has terminated texts, a plugin id and a version.
Checked<rlx_note_v1> read_note(Bytes file);

// "1.2.3" as numbers; nullopt for anything else.
std::optional<std::array<uint32_t, 3>> parse_version(std::string_view text);

}  // namespace rlx::plugin
