// The words that the printer and the parser of the text form share: numbers, strings, literals.
//
//   graph "net" {
//     symbols n
//     %0 = input() {name="x"} : f32[n, 4]
//     %1 = constant() {value=f32[4] {1, 2, 3, 4}} : f32[4]
//     %2 "sum" = binary(%0, %1) {kind="add"} "layer1/add" : f32[n, 4]
//     output "y" = %2
//   }
//
// After `=`: op, operands (_ is an absent one), attributes, the node's name, regions (graphs) and the output types.
// White space and lines mean nothing; # starts a comment. Everything prints so that it reads back bit by bit.
#pragma once

#include <rlx/attribute.hpp>

#include <string>
#include <string_view>

namespace rlx::text {

// "..." with \" \\ \n \t and \xHH for other control characters. Bytes above 127 stay as they are.
std::string quoted(std::string_view s);
// What `quoted` made, without its quotes. False when an escape is none.
bool unquote(std::string_view inside, std::string* out);
// Letters, digits and _, not starting with a digit: needs no quotes as the name of a symbol.
bool is_plain_name(std::string_view s);

// The shortest digits that read back to the same bits; inf, -inf, nan, -nan; bits.7ff8000000000001 for other NaNs.
std::string number(double v);
bool parse_number(std::string_view word, double* out);
bool parse_number(std::string_view word, int64_t* out);

// The value part of a literal: {1, 2} for few elements that read well, else hex "0000803f".
std::string elements(const Literal& literal);
// One element in its dtype's notation, appended to out. False when it is none or out of range, and for the dtypes that
// are always written in hex: f16, bf16, c64.
bool parse_element(std::string_view word, DType dtype, std::string* out);
// Pairs of hex digits to bytes. False for other characters or an odd number of digits.
bool parse_hex(std::string_view digits, std::byte* out);

}  // namespace rlx::text
