// Walks the note segments of a plugin file and judges the RLX note.
#include "plugin/elf_note.hpp"

#include "plugin/select.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>

namespace rlx::plugin {

namespace {

constexpr uint64_t kMinAlign = 4;

uint64_t round_up(uint64_t value, uint64_t align) {
  return (value + align - 1) / align * align;
}

tl::unexpected<Refusal> bad(std::string what) {
  return refuse(VerdictCode::kBadNote, "note: " + std::move(what));
}

// A NUL-padded field of printable characters.
std::optional<std::string_view> field_text(const char (&field)[32]) {
  const char* end = std::find(field, std::end(field), '\0');
  if (end == std::end(field)) return std::nullopt;
  if (!std::all_of(static_cast<const char*>(field), end, [](char c) { return c >= ' ' && c <= '~'; }))
    return std::nullopt;
  return std::string_view(field, static_cast<size_t>(end - field));
}

Checked<rlx_note_v1> judge(Bytes payload) {
  const std::optional<uint32_t> version = read_at<uint32_t>(payload, offsetof(rlx_note_v1, note_version));
  if (!version) return bad(fmt::format("{} bytes are too few", payload.size()));
  if (*version != RLX_NOTE_VERSION)
    return bad(fmt::format("format version {}, this host reads {}", *version, RLX_NOTE_VERSION));
  const std::optional<rlx_note_v1> note = read_at<rlx_note_v1>(payload, 0);
  if (!note) return bad(fmt::format("{} bytes, expected at least {}", payload.size(), sizeof(rlx_note_v1)));
  // A later minor may append fields; it may not say that there are more bytes than there are.
  if (note->note_size < sizeof(rlx_note_v1) || note->note_size > payload.size())
    return bad(fmt::format("says it has {} bytes, has {}", note->note_size, payload.size()));
  const std::optional<std::string_view> id = field_text(note->id);
  if (!id || !is_plugin_id(*id)) return bad("the id is not of [a-z0-9_-]");
  if (!field_text(note->vendor)) return bad("the vendor is no text");
  const std::optional<std::string_view> plugin_version = field_text(note->version);
  if (!plugin_version || !parse_version(*plugin_version)) return bad("the version is not major.minor.patch");
  if (!(note->kind_bits & (RLX_KIND_DEVICE | RLX_KIND_TRANSPORT)))
    return bad(fmt::format("kinds {:#x} have nothing that this host uses", note->kind_bits));
  return *note;
}

}  // namespace

std::optional<std::array<uint32_t, 3>> parse_version(std::string_view text) {
  std::array<uint32_t, 3> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [next, failure] = std::from_chars(at, end, numbers[i]);
    if (failure != std::errc()) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional(numbers) : std::nullopt;
}

Checked<rlx_note_v1> read_note(Bytes file) {
  Checked<ElfView> elf = ElfView::parse(file);
  if (!elf) return tl::unexpected<Refusal>(std::move(elf).error());
  std::optional<Bytes> payload;
  for (const ElfView::Segment& segment : elf->segments()) {
    if (segment.header.p_type != PT_NOTE) continue;
    const uint64_t align = std::max<uint64_t>(segment.header.p_align == 8 ? 8 : 0, kMinAlign);
    for (uint64_t offset = 0; offset < segment.bytes.size();) {
      const std::optional<Elf64_Nhdr> header = read_at<Elf64_Nhdr>(segment.bytes, offset);
      if (!header) return refuse(VerdictCode::kTruncated, "note: a header runs out of its segment");
      // Both are aligned from the start of the note, whose header has 12 bytes: an owner of 4 needs no padding to 8.
      const uint64_t owner_at = offset + sizeof *header;
      const uint64_t payload_at = offset + round_up(sizeof *header + header->n_namesz, align);
      const std::optional<Bytes> owner = part(segment.bytes, owner_at, header->n_namesz);
      const std::optional<Bytes> body = part(segment.bytes, payload_at, header->n_descsz);
      if (!owner || !body) return refuse(VerdictCode::kTruncated, "note: runs out of its segment");
      offset += round_up(payload_at - offset + header->n_descsz, align);
      if (header->n_type != RLX_NOTE_TYPE || owner->size() != sizeof RLX_NOTE_OWNER ||
          std::memcmp(owner->data(), RLX_NOTE_OWNER, sizeof RLX_NOTE_OWNER) != 0)
        continue;
      if (payload) return bad("the file has two");
      payload = body;
    }
  }
  if (!payload) return refuse(VerdictCode::kNotAPlugin, "note: this shared object has none");
  return judge(*payload);
}

}  // namespace rlx::plugin
