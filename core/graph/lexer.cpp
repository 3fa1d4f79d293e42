// See lexer.hpp.
#include "graph/lexer.hpp"

#include <algorithm>

namespace rlx {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+';
}

bool is_sign_char(char c) {
  return std::string_view("{}()[]=,:%?").find(c) != std::string_view::npos;
}

}  // namespace

size_t Lexer::line_of(const Token& token) const {
  return 1 + static_cast<size_t>(std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(token.offset), '\n'));
}

void Lexer::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

void Lexer::read_string() {
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size()) {
    token_ = {Token::Kind::kBad, text_.substr(at_, 1), at_};
    at_ = text_.size();
    return;
  }
  token_ = {Token::Kind::kString, text_.substr(at_ + 1, end - at_ - 1), at_};
  at_ = end + 1;
}

void Lexer::advance() {
  skip_space();
  if (at_ == text_.size()) {
    token_ = {Token::Kind::kEnd, {}, at_};
    return;
  }
  if (text_[at_] == '"') return read_string();
  const size_t start = at_;
  if (is_sign_char(text_[at_])) {
    token_ = {Token::Kind::kSign, text_.substr(at_++, 1), start};
    return;
  }
  while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
  if (at_ > start) {
    token_ = {Token::Kind::kWord, text_.substr(start, at_ - start), start};
  } else {
    token_ = {Token::Kind::kBad, text_.substr(at_++, 1), start};
  }
}

}  // namespace rlx
