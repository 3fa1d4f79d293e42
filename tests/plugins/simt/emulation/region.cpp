// Reads the statements of a region: "const f32 v2 = binary_add(v0, v1);", loads, constants and stores.
#include "emulation/region.hpp"

#include "device/elementwise.hpp"

#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace emulation {

namespace {

struct Step {
  enum class Kind { kScalar, kLoad, kStore } kind;
  Scalar function;
  uint32_t operand;  // of loads and stores
  std::vector<uint32_t> arguments;
  uint32_t result;
};

struct Region {
  std::vector<Step> steps;
  std::vector<uint64_t> values;  // constants stand in their places from the beginning
};

// The region of the kernel that this thread runs.
thread_local const Region* running = nullptr;

constexpr uint32_t kMaxValues = 512;

struct Body {
  static constexpr u32 kInputs = simt::kMaxInputs;
  static void apply(const simt::ElementwiseParams& p, i64 element, const i64* at) {
    uint64_t values[kMaxValues];
    std::copy(running->values.begin(), running->values.end(), values);
    for (const Step& step : running->steps) {
      const uint64_t address = step.kind == Step::Kind::kLoad    ? p.inputs[step.operand]
                               : step.kind == Step::Kind::kStore ? p.outputs[step.operand]
                                                                 : 0;
      const auto index = static_cast<uint64_t>(step.kind == Step::Kind::kLoad ? at[step.operand] : element);
      const uint64_t* arguments[4] = {&address, &index, nullptr, nullptr};
      size_t count = step.kind == Step::Kind::kScalar ? 0 : 2;
      for (const uint32_t a : step.arguments) arguments[count++] = &values[a];
      step.function(arguments, &values[step.result]);
    }
  }
};

class Reader {
 public:
  std::shared_ptr<Region> read(const std::string& body) {
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);) {
      const size_t begin = line.find_first_not_of(' ');
      if (begin == std::string::npos) continue;
      statement(line.substr(begin));
    }
    if (region_->values.size() > kMaxValues) throw std::runtime_error("a region of more than 512 values");
    return region_;
  }

 private:
  [[noreturn]] void bad(const std::string& line) { throw std::runtime_error("the emulator cannot read: " + line); }

  void statement(const std::string& line) {
    if (line.rfind("const ", 0) == 0) {
      std::istringstream words(line);
      std::string keyword, type, name, equals, expression;
      words >> keyword >> type >> name >> equals;
      std::getline(words, expression);
      const auto result = static_cast<uint32_t>(region_->values.size());
      region_->values.push_back(0);
      call(expression, line, result);
      names_[name] = {result, type};
    } else {
      call(line, line, 0);
    }
  }

  void call(std::string text, const std::string& line, uint32_t result) {
    text.erase(0, text.find_first_not_of(' '));
    const size_t open = text.find('('), close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos) bad(line);
    const std::string function = text.substr(0, open);
    std::vector<std::string> arguments;
    std::istringstream list(text.substr(open + 1, close - open - 1));
    for (std::string a; std::getline(list, a, ',');) arguments.push_back(a.substr(a.find_first_not_of(' ')));

    if (function.rfind("constant<", 0) == 0) {
      // "u32(1065353216)"
      const std::string& word = arguments.at(0);
      region_->values[result] = std::stoull(word.substr(word.find('(') + 1));
      return;
    }
    Step step{Step::Kind::kScalar, nullptr, 0, {}, result};
    std::string signature = function;
    size_t first = 0;
    if (function.rfind("load<", 0) == 0 || function.rfind("store<", 0) == 0) {
      // "p.inputs[3]"
      step.kind = function[0] == 'l' ? Step::Kind::kLoad : Step::Kind::kStore;
      step.operand = static_cast<uint32_t>(std::stoul(arguments.at(0).substr(arguments[0].find('[') + 1)));
      first = 2;
    }
    for (size_t i = first; i < arguments.size(); ++i) {
      const auto known = names_.find(arguments[i]);
      if (known == names_.end()) bad(line);
      step.arguments.push_back(known->second.slot);
      if (first == 0) signature += " " + known->second.type;
    }
    step.function = find_scalar(signature);
    if (!step.function) bad(line + " (" + signature + ")");
    region_->steps.push_back(std::move(step));
  }

  struct Name {
    uint32_t slot;
    std::string type;
  };
  std::shared_ptr<Region> region_ = std::make_shared<Region>();
  std::map<std::string, Name> names_;
};

template <uint32_t kRank>
void walk(const void* params, bool narrow) {
  const auto& p = *static_cast<const simt::ElementwiseParams*>(params);
  narrow ? simt::elementwise<Body, kRank, u32>(p) : simt::elementwise<Body, kRank, u64>(p);
}

}  // namespace

Kernel read_region(const std::string& body, uint32_t rank, bool narrow) {
  static constexpr void (*kWalks[])(const void*, bool) = {nullptr, walk<1>, walk<2>, walk<3>, walk<4>,
                                                          walk<5>, walk<6>, walk<7>, walk<8>};
  if (rank == 0 || rank >= std::size(kWalks)) throw std::runtime_error("a region of rank " + std::to_string(rank));
  return {sizeof(simt::ElementwiseParams), [region = Reader().read(body), rank, narrow](const void* params) {
            running = region.get();
            kWalks[rank](params, narrow);
          }};
}

}  // namespace emulation
