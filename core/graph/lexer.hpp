// Splits the text form into tokens. Every token is a view of the text; nothing is copied.
#pragma once

#include <cstddef>
#include <string_view>

namespace rlx {

struct Token {
  enum class Kind { kEnd, kWord, kString, kSign, kBad };
  Kind kind = Kind::kEnd;
  std::string_view text;  // of a string: what is between the quotes, escapes unread
  size_t offset = 0;

  bool is_sign(char c) const { return kind == Kind::kSign && text[0] == c; }
  bool is_word(std::string_view word) const { return kind == Kind::kWord && text == word; }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { advance(); }

  const Token& peek() const { return token_; }
  Token take() {
    const Token token = token_;
    advance();
    return token;
  }
  // Counts from 1.
  size_t line_of(const Token& token) const;

 private:
  void advance();
  void skip_space();
  void read_string();

  std::string_view text_;
  size_t at_ = 0;
  Token token_;
};

}  // namespace rlx
