// Programs as bytes: little-endian, versioned, checksummed. The same program gives the same bytes on every host.
#pragma once

#include "program/program.hpp"

#include <rlx/status.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace rlx {

std::vector<std::byte> serialise(const Program& program);

// Never trusts a length, and checks the whole program (check.hpp) before it returns it. Copies the bytes of constants.
// Errors: DATA_LOSS for truncated or changed bytes, UNIMPLEMENTED for a version this build does not know,
// INVALID_ARGUMENT for a program that breaks a rule.
Result<Program> parse_program(std::span<const std::byte> bytes);

// Without the header, whose checksum keeps fuzzers out.
Result<Program> parse_program_payload(std::span<const std::byte> payload);

}  // namespace rlx
