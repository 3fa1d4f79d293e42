// The note reader on a good plugin, on every way to damage one, and on random damage.
#include "plugin/elf_note.hpp"

#include "catch.hpp"
#include "options.hpp"
#include "scratch_dir.hpp"
#include "test_plugins.hpp"

#include <random>

using namespace rlx;
using namespace rlx::plugin;

namespace {

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

VerdictCode verdict_of(const std::string& file) {
  const Checked<rlx_note_v1> note = read_note(bytes_of(file));
  return note ? VerdictCode::kLoaded : note.error().code;
}

const std::string& good_file() {
  static const std::string file = tests::read_file(tests::faulty_plugin("null"));
  return file;
}

size_t payload_offset(const std::string& file) {
  return file.find("RLX", file.find("RLX\0\1\0\0\0", 0, 8)) + sizeof RLX_NOTE_OWNER;
}

// The good file with one field of its note changed.
template <typename T>
std::string with_note_field(size_t offset, T value) {
  std::string file = good_file();
  const size_t at = payload_offset(file) + offset;
  std::memcpy(file.data() + at, &value, sizeof value);
  return file;
}

template <typename T>
std::string with_header_field(size_t offset, T value) {
  std::string file = good_file();
  std::memcpy(file.data() + offset, &value, sizeof value);
  return file;
}

// A file of nothing but two note segments: what compilers say of control flow, aligned to 8 bytes, then our note.
std::string file_with_property_note() {
  struct {
    Elf64_Ehdr file;
    Elf64_Phdr segments[2];
    struct {
      Elf64_Nhdr header;
      char owner[4];
      uint32_t features[4];
    } property;
    char note[16 + sizeof(rlx_note_v1)];
  } image{};
  const std::string& good = good_file();
  std::memcpy(&image.file, good.data(), sizeof image.file);
  image.file.e_phoff = offsetof(decltype(image), segments);
  image.file.e_phnum = 2;
  image.file.e_shoff = image.file.e_shnum = image.file.e_shstrndx = 0;
  image.property = {{4, 16, NT_GNU_PROPERTY_TYPE_0}, {'G', 'N', 'U', 0}, {0xc0000002, 4, 3, 0}};
  std::memcpy(image.note, good.data() + payload_offset(good) - 16, sizeof image.note);
  const size_t at[2] = {offsetof(decltype(image), property), offsetof(decltype(image), note)};
  const size_t bytes[2] = {sizeof image.property, sizeof image.note}, align[2] = {8, 4};
  for (int i = 0; i < 2; ++i) {
    image.segments[i].p_type = PT_NOTE;
    image.segments[i].p_offset = at[i];
    image.segments[i].p_filesz = image.segments[i].p_memsz = bytes[i];
    image.segments[i].p_align = align[i];
  }
  return {reinterpret_cast<const char*>(&image), sizeof image};
}

}  // namespace

TEST_CASE("notes of compilers, aligned to 8 bytes, are stepped over", "[plugin]") {
  const Checked<rlx_note_v1> note = read_note(bytes_of(file_with_property_note()));
  INFO((note ? "" : note.error().reason));
  REQUIRE(note);
  CHECK(std::string(note->id) == "null");
}

TEST_CASE("a plugin's note is read without opening the plugin", "[plugin]") {
  const Checked<rlx_note_v1> note = read_note(bytes_of(good_file()));
  REQUIRE(note);
  CHECK(std::string(note->id) == "null");
  CHECK(std::string(note->vendor) == "tests");
  CHECK(std::string(note->version) == "1.0.0");
  CHECK(note->abi_major == RLX_ABI_MAJOR);
  CHECK(note->abi_minor_built == RLX_ABI_MINOR);
  CHECK(note->kind_bits == RLX_KIND_DEVICE);
}

TEST_CASE("what is no ELF file is no plugin", "[plugin]") {
  CHECK(verdict_of("") == VerdictCode::kNotAPlugin);
  CHECK(verdict_of("#!/bin/sh\nexit 0\n") == VerdictCode::kNotAPlugin);
  CHECK(verdict_of(std::string(4096, '\0')) == VerdictCode::kNotAPlugin);
}

TEST_CASE("a file cut at any length is called truncated", "[plugin]") {
  const std::string& file = good_file();
  for (size_t length = 1; length < file.size(); length += length < 1024 ? 1 : 97) {
    INFO("length " << length << " of " << file.size());
    REQUIRE(verdict_of(file.substr(0, length)) == VerdictCode::kTruncated);
  }
  CHECK(verdict_of(file.substr(0, file.size() - 1)) == VerdictCode::kTruncated);
}

TEST_CASE("files for other hosts are of the wrong architecture", "[plugin]") {
  CHECK(verdict_of(with_header_field<uint8_t>(EI_CLASS, ELFCLASS32)) == VerdictCode::kWrongArch);
  CHECK(verdict_of(with_header_field<uint8_t>(EI_DATA, ELFDATA2MSB)) == VerdictCode::kWrongArch);
  CHECK(verdict_of(with_header_field<uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_MIPS)) == VerdictCode::kWrongArch);
}

TEST_CASE("an executable or an object file is no plugin", "[plugin]") {
  CHECK(verdict_of(with_header_field<uint16_t>(offsetof(Elf64_Ehdr, e_type), ET_REL)) == VerdictCode::kNotAPlugin);
  CHECK(verdict_of(with_header_field<uint16_t>(offsetof(Elf64_Ehdr, e_type), ET_CORE)) == VerdictCode::kNotAPlugin);
}

TEST_CASE("headers that contradict the file are called truncated", "[plugin]") {
  CHECK(verdict_of(with_header_field<uint64_t>(offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX - 8)) ==
        VerdictCode::kTruncated);
  CHECK(verdict_of(with_header_field<uint16_t>(offsetof(Elf64_Ehdr, e_phentsize), 1)) == VerdictCode::kTruncated);
  CHECK(verdict_of(with_header_field<uint16_t>(offsetof(Elf64_Ehdr, e_phnum), 0xfffe)) == VerdictCode::kTruncated);
  CHECK(verdict_of(with_header_field<uint64_t>(offsetof(Elf64_Ehdr, e_shoff), UINT64_MAX - 8)) ==
        VerdictCode::kTruncated);
  CHECK(verdict_of(with_header_field<uint64_t>(sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), UINT64_MAX)) ==
        VerdictCode::kTruncated);
}

TEST_CASE("a shared object without a note is no plugin", "[plugin]") {
  std::string file = good_file();
  file[payload_offset(file) - sizeof RLX_NOTE_OWNER] = 'Q';
  CHECK(verdict_of(file) == VerdictCode::kNotAPlugin);
}

TEST_CASE("a note that says something impossible is bad", "[plugin]") {
  CHECK(verdict_of(with_note_field<uint32_t>(offsetof(rlx_note_v1, note_version), 2)) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<uint32_t>(offsetof(rlx_note_v1, note_size), 8)) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<uint32_t>(offsetof(rlx_note_v1, note_size), 4096)) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<uint32_t>(offsetof(rlx_note_v1, kind_bits), 0)) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<char>(offsetof(rlx_note_v1, id), '\0')) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<char>(offsetof(rlx_note_v1, id), '/')) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<char>(offsetof(rlx_note_v1, version), 'v')) == VerdictCode::kBadNote);
  CHECK(verdict_of(with_note_field<char>(offsetof(rlx_note_v1, vendor), '\n')) == VerdictCode::kBadNote);

  std::array<char, 32> unterminated;
  unterminated.fill('a');
  CHECK(verdict_of(with_note_field(offsetof(rlx_note_v1, id), unterminated)) == VerdictCode::kBadNote);
}

TEST_CASE("random damage gets a verdict and never more", "[plugin]") {
  std::mt19937 random(tests::seed());
  const std::string& good = good_file();
  // Most of the damage goes where structure is: the headers and notes at the front.
  std::uniform_int_distribution<size_t> at(0, std::min<size_t>(good.size(), 1024) - 1);
  std::uniform_int_distribution<int> byte(0, 255);
  unsigned refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string file = good;
    for (int i = 0; i < 4; ++i) file[at(random)] = static_cast<char>(byte(random));
    refused += verdict_of(file) != VerdictCode::kLoaded;
  }
  CHECK(refused > 0);
}

TEST_CASE("versions have three numbers", "[plugin]") {
  CHECK(parse_version("1.10.3") == std::array<uint32_t, 3>{1, 10, 3});
  CHECK(parse_version("1.10.0") > parse_version("1.9.9"));
  for (const char* text : {"", "1", "1.2", "1.2.", "1.2.3.4", "1.2.x", "-1.2.3", "1.2.99999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_version(text));
  }
}

TEST_CASE("the dynamic section names needed libraries", "[plugin]") {
  const std::string file = tests::read_file(tests::faulty_plugin("missing_library"));
  const Checked<ElfView> elf = ElfView::parse(bytes_of(file));
  REQUIRE(elf);
  const DynamicInfo dynamic = read_dynamic(*elf);
  CHECK(std::find(dynamic.needed.begin(), dynamic.needed.end(), "librlx_test_gone.so.7") != dynamic.needed.end());
}
