// Any bytes as a program, both as a file and behind the checksum that would keep a fuzzer out. What is accepted has to
// come back the same.
#include "program/serialise.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (rlx::parse_program(bytes) && !rlx::parse_program_payload(bytes.subspan(40))) std::abort();
  const auto program = rlx::parse_program_payload(bytes);
  if (!program) {
    if (program.error().message.empty()) std::abort();
    return 0;
  }
  const std::vector<std::byte> file = rlx::serialise(*program);
  const auto again = rlx::parse_program(file);
  if (!again || again->fingerprint() != program->fingerprint() || rlx::serialise(*again) != file) std::abort();
  return 0;
}
