// Reads the text form back (graph/text.hpp shows it). Every node goes through the same checks as one from a builder,
// and the written types must be the inferred ones. The text is untrusted: depth is bounded, and no size is believed
// before the text has paid for it.
#include <rlx/graph.hpp>

#include "graph/lexer.hpp"
#include "graph/text.hpp"
#include "status/format.hpp"

#include <algorithm>
#include <unordered_map>

namespace rlx {
namespace {

constexpr int kMaxDepth = 32;

// One output of a statement: %3 "name".
struct Definition {
  uint32_t number = 0;
  std::optional<std::string> name;
};

struct Statement {
  const OpSchema* schema = nullptr;
  std::vector<Definition> results;
  std::vector<ValueId> inputs;
  Attrs attrs;
  std::optional<std::string> name;
  std::vector<Graph> regions;
  std::vector<TensorType> types;
};

class Parser {
 public:
  Parser(Lexer& lexer, int depth) : lexer_(lexer), depth_(depth) {}

  Result<Graph> parse() {
    if (depth_ > kMaxDepth) return bad("regions nest deeper than {}", kMaxDepth);
    RLX_TRY(expect_word("graph"));
    RLX_ASSIGN(std::string name, string());
    graph_.set_name(std::move(name));
    RLX_TRY(expect('{'));
    if (lexer_.peek().is_word("symbols")) RLX_TRY(symbols());
    while (!lexer_.peek().is_sign('}')) {
      if (lexer_.peek().is_word("output")) {
        RLX_TRY(output());
      } else {
        RLX_TRY(statement());
      }
    }
    lexer_.take();
    return std::move(graph_);
  }

 private:
  template <typename... Args>
  tl::unexpected<Error> bad(fmt::format_string<Args...> format, Args&&... args) const {
    const Error e = fail_text(Code::kInvalidArgument, format, fmt::make_format_args(args...)).value();
    return fail(Code::kInvalidArgument, "line {}: {}", lexer_.line_of(lexer_.peek()), e.message);
  }

  tl::unexpected<Error> unexpected(std::string_view wanted) const {
    const Token& token = lexer_.peek();
    if (token.kind == Token::Kind::kEnd) return bad("expected {}, found the end", wanted);
    return bad("expected {}, found '{}'", wanted, token.text.substr(0, 40));
  }

  Status expect(char sign) {
    if (!lexer_.peek().is_sign(sign)) return unexpected(std::string("'") + sign + "'");
    lexer_.take();
    return {};
  }

  Status expect_word(std::string_view word) {
    if (!lexer_.peek().is_word(word)) return unexpected(word);
    lexer_.take();
    return {};
  }

  bool skip(char sign) {
    if (!lexer_.peek().is_sign(sign)) return false;
    lexer_.take();
    return true;
  }

  Result<std::string_view> word(std::string_view wanted) {
    if (lexer_.peek().kind != Token::Kind::kWord) return unexpected(wanted);
    return lexer_.take().text;
  }

  Result<std::string> string() {
    if (lexer_.peek().kind != Token::Kind::kString) return unexpected("a string");
    std::string out;
    if (!text::unquote(lexer_.peek().text, &out)) return bad("a string has an unknown escape");
    lexer_.take();
    return out;
  }

  template <typename T>
  Result<T> number() {
    T value;
    const Token& token = lexer_.peek();
    if (token.kind != Token::Kind::kWord || !text::parse_number(token.text, &value)) return unexpected("a number");
    lexer_.take();
    return value;
  }

  // `item` reads one; they are separated by commas up to the closing sign.
  template <typename Item>
  Status list(char close, Item item) {
    if (skip(close)) return {};
    while (true) {
      RLX_TRY(item());
      if (skip(close)) return {};
      RLX_TRY(expect(','));
    }
  }

  Result<std::string> symbol_name() {
    if (lexer_.peek().kind == Token::Kind::kString) return string();
    RLX_ASSIGN(const std::string_view name, word("the name of a symbol"));
    if (!text::is_plain_name(name)) return bad("'{}' needs quotes as the name of a symbol", name);
    return std::string(name);
  }

  Status symbols() {
    lexer_.take();
    do {
      RLX_ASSIGN(const std::string name, symbol_name());
      const size_t before = graph_.symbols().size();
      graph_.symbol(name);
      if (graph_.symbols().size() == before) return bad("symbol {} is there twice", name);
    } while (skip(','));
    return {};
  }

  Result<int64_t> dim() {
    if (skip('?')) return kUnknownDim;
    const Token& token = lexer_.peek();
    int64_t value = 0;
    if (token.kind == Token::Kind::kWord && text::parse_number(token.text, &value)) {
      if (value < 0) return bad("dim {} is negative", value);
      lexer_.take();
      return value;
    }
    RLX_ASSIGN(const std::string name, symbol_name());
    const auto& known = graph_.symbols();
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end()) return bad("there is no symbol {}", name);
    return symbol_dim(static_cast<uint32_t>(at - known.begin()));
  }

  Result<DType> dtype() {
    RLX_ASSIGN(const std::string_view name, word("a dtype"));
    if (const auto dtype = parse_dtype(name)) return *dtype;
    return bad("there is no dtype '{}'", name);
  }

  Result<TensorType> type() {
    RLX_ASSIGN(const DType element, dtype());
    RLX_TRY(expect('['));
    std::vector<int64_t> dims;
    RLX_TRY(list(']', [&]() -> Status {
      RLX_ASSIGN(const int64_t d, dim());
      dims.push_back(d);
      return {};
    }));
    auto shape = Shape::make(dims);
    if (!shape) return bad("{}", shape.error().message);
    return TensorType{element, *shape};
  }

  Result<Literal> literal() {
    RLX_ASSIGN(const TensorType type, this->type());
    if (!type.shape.is_static()) return bad("a literal has shape {}", to_string(type.shape));
    const auto wanted = static_cast<size_t>(type.bytes());
    if (lexer_.peek().is_word("hex")) return hex_literal(type, wanted);
    std::string bytes;
    RLX_TRY(expect('{'));
    RLX_TRY(list('}', [&]() -> Status {
      RLX_ASSIGN(const std::string_view element, word("an element"));
      if (!text::parse_element(element, type.dtype, &bytes))
        return bad("'{}' is no {} that is written out", element, name_of(type.dtype));
      return {};
    }));
    if (bytes.size() != wanted) return bad("a literal of type {} has {} bytes", to_string(type), bytes.size());
    return Literal{type, Bytes::copy(bytes.data(), bytes.size())};
  }

  Result<Literal> hex_literal(const TensorType& type, size_t wanted) {
    lexer_.take();
    const Token digits = lexer_.peek();
    if (digits.kind != Token::Kind::kString) return unexpected("a string of hex digits");
    if (digits.text.size() / 2 != wanted)
      return bad("a literal of type {} has {} hex digits", to_string(type), digits.text.size());
    std::byte* data = nullptr;
    Bytes bytes = Bytes::allocate(wanted, &data);
    if (!text::parse_hex(digits.text, data)) return bad("a literal has characters that are no hex digits");
    lexer_.take();
    return Literal{type, std::move(bytes)};
  }

  template <typename T>
  Result<AttrValue> numbers() {
    RLX_TRY(expect('['));
    std::vector<T> values;
    RLX_TRY(list(']', [&]() -> Status {
      RLX_ASSIGN(const T value, number<T>());
      values.push_back(value);
      return {};
    }));
    return AttrValue(std::move(values));
  }

  Result<AttrValue> value_of(AttrType type) {
    const auto wrap = [](auto result) -> Result<AttrValue> {
      if (!result) return tl::unexpected<Error>(std::move(result).error());
      return AttrValue(std::move(*result));
    };
    switch (type) {
      case AttrType::kInt:
        return wrap(number<int64_t>());
      case AttrType::kInts:
        return numbers<int64_t>();
      case AttrType::kFloat:
        return wrap(number<double>());
      case AttrType::kFloats:
        return numbers<double>();
      case AttrType::kString:
        return wrap(string());
      case AttrType::kDType:
        return wrap(dtype());
      case AttrType::kLiteral:
        return wrap(literal());
    }
    return bad("an attribute has no type");
  }

  Status attribute(Statement& s) {
    RLX_ASSIGN(const std::string_view name, word("the name of an attribute"));
    const auto spec =
        std::find_if(s.schema->attrs.begin(), s.schema->attrs.end(), [&](const AttrSpec& a) { return a.name == name; });
    if (spec == s.schema->attrs.end()) return bad("{} has no attribute {}", s.schema->name, name);
    if (s.attrs.has(name)) return bad("attribute {} is there twice", name);
    RLX_TRY(expect('='));
    RLX_ASSIGN(AttrValue value, value_of(spec->type));
    s.attrs.set(name, std::move(value));
    return {};
  }

  Result<uint32_t> value_number() {
    RLX_TRY(expect('%'));
    RLX_ASSIGN(const int64_t number, this->number<int64_t>());
    if (number < 0 || number >= kNoValue) return bad("%{} is out of range", number);
    return static_cast<uint32_t>(number);
  }

  Result<ValueId> operand() {
    if (lexer_.peek().is_word("_")) {
      lexer_.take();
      return kNoValue;
    }
    RLX_ASSIGN(const uint32_t number, value_number());
    const auto at = values_.find(number);
    if (at == values_.end()) return bad("%{} is not defined yet", number);
    return at->second;
  }

  Status results(Statement& s) {
    do {
      Definition result;
      RLX_ASSIGN(result.number, value_number());
      if (values_.count(result.number) > 0) return bad("%{} is defined twice", result.number);
      if (lexer_.peek().kind == Token::Kind::kString) {
        RLX_ASSIGN(result.name, string());
      }
      s.results.push_back(std::move(result));
    } while (skip(','));
    return expect('=');
  }

  Status operands(Statement& s) {
    RLX_TRY(expect('('));
    return list(')', [&]() -> Status {
      RLX_ASSIGN(const ValueId value, operand());
      s.inputs.push_back(value);
      return {};
    });
  }

  Status types(Statement& s) {
    RLX_TRY(expect(':'));
    do {
      RLX_ASSIGN(const TensorType type, this->type());
      s.types.push_back(type);
    } while (skip(','));
    if (s.types.size() == s.results.size()) return {};
    return bad("{} values have {} types", s.results.size(), s.types.size());
  }

  Status statement() {
    Statement s;
    RLX_TRY(results(s));
    RLX_ASSIGN(const std::string_view op, word("an op"));
    s.schema = find_op(op);
    if (!s.schema) return bad("there is no op '{}'", op);
    RLX_TRY(operands(s));
    if (skip('{')) RLX_TRY(list('}', [&]() { return attribute(s); }));
    if (lexer_.peek().kind == Token::Kind::kString) {
      RLX_ASSIGN(s.name, string());
    }
    while (lexer_.peek().is_word("graph")) {
      RLX_ASSIGN(s.regions.emplace_back(), Parser(lexer_, depth_ + 1).parse());
    }
    RLX_TRY(types(s));
    auto node = add(s);
    if (!node) return bad("{}", node.error().message);
    return define(s, *node);
  }

  Result<NodeId> add(Statement& s) {
    if (!(s.schema->flags & kOpLeaf))
      return graph_.add_node(s.schema->name, s.inputs, std::move(s.attrs), {}, s.types.size(), std::move(s.regions));
    if (!s.inputs.empty() || !s.regions.empty() || s.types.size() != 1)
      return bad("{} has no inputs, no regions and one output", s.schema->name);
    RLX_ASSIGN(const ValueId value, add_leaf(s));
    return graph_.value(value).producer;
  }

  Result<ValueId> add_leaf(Statement& s) {
    if (s.schema->name == "constant") return graph_.add("constant", {}, std::move(s.attrs));
    if (!s.attrs.has("name")) return bad("{} has no name", s.schema->name);
    const std::string name = s.attrs.str("name");
    if (s.schema->name == "input") return graph_.input(name, s.types[0]);
    if (s.schema->name == "param") return graph_.param(name, s.types[0]);
    if (s.schema->name != "state") return bad("there is no leaf {}", s.schema->name);
    std::optional<Literal> init;
    if (const Literal* value = s.attrs.literal("init")) init = *value;
    return graph_.state(name, s.types[0], std::move(init));
  }

  Status define(const Statement& s, NodeId id) {
    const Node& node = graph_.node(id);
    graph_.set_node_name(id, s.name ? *s.name : node.attrs.str("name"));
    const std::string value_name = s.schema->flags & kOpLeaf ? node.name : std::string();
    for (size_t i = 0; i < s.results.size(); ++i) {
      const ValueId value = node.outputs[i];
      if (graph_.type(value) != s.types[i])
        return bad("%{} has type {}, but {} gives {}", s.results[i].number, to_string(s.types[i], graph_.symbols()),
                   s.schema->name, to_string(graph_.type(value), graph_.symbols()));
      graph_.set_value_name(value, s.results[i].name.value_or(value_name));
      if (!values_.emplace(s.results[i].number, value).second) return bad("%{} is defined twice", s.results[i].number);
    }
    return {};
  }

  Status output() {
    lexer_.take();
    RLX_ASSIGN(const std::string name, string());
    RLX_TRY(expect('='));
    RLX_ASSIGN(const ValueId value, operand());
    if (value == kNoValue) return bad("output {} is absent", name);
    if (Status added = graph_.add_output(name, value); !added) return bad("{}", added.error().message);
    return {};
  }

  Lexer& lexer_;
  const int depth_;
  Graph graph_;
  std::unordered_map<uint32_t, ValueId> values_;
};

}  // namespace

Result<Graph> parse_graph(std::string_view text) {
  Lexer lexer(text);
  RLX_ASSIGN(Graph graph, Parser(lexer, 0).parse());
  if (lexer.peek().kind != Token::Kind::kEnd)
    return fail(Code::kInvalidArgument, "line {}: text after the end of the graph", lexer.line_of(lexer.peek()));
  return graph;
}

}  // namespace rlx
