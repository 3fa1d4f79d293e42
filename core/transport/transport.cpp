// Attaching, and who owns which part of the heap.
#include <rlx/registry.hpp>
#include <rlx/transport.hpp>

#include "plugin/abi_call.hpp"
#include "plugin/environment.hpp"
#include "status/format.hpp"
#include "transport/local.hpp"
#include "transport/shm.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <charconv>

namespace rlx {

using plugin::Variable;

namespace {

constexpr uint64_t kHeapAlign = 64;

Result<uint32_t> read_number(Variable variable, const char* name) {
  const auto text = plugin::read_environment(variable);
  if (!text)
    return error(Code::kInvalidArgument, std::string(name) + " is not set",
                 "start the program with rlx-launch or mpirun");
  uint32_t value = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failed != std::errc() || end != text->data() + text->size())
    return fail(Code::kInvalidArgument, "{}: '{}' is not a number", name, *text);
  return value;
}

bool is_set(Variable variable) {
  return plugin::read_environment(variable).has_value();
}

bool is_launched() {
  return is_set(Variable::kRank) || is_set(Variable::kWorldSize);
}

bool is_under_mpirun() {
  return is_set(Variable::kMpiRank) && is_set(Variable::kMpiWorldSize);
}

bool is_plugin_id(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

tl::unexpected<Error> unknown(std::string_view name, const Registry* registry) {
  std::string known = "local, shm", reasons, remedy;
  if (registry) {
    for (const PluginTransport& t : registry->transports()) known += ", " + t.name;
    for (const Verdict& v : registry->verdicts()) {
      if (v.id != name || v.code == VerdictCode::kLoaded) continue;
      reasons += fmt::format("; {}: {}: {}", v.path, name_of(v.code), v.reason);
      if (remedy.empty()) remedy = v.remedy;
    }
  }
  return error(Code::kNotFound, fmt::format("transport '{}' not found; there are {}{}", name, known, reasons),
               std::move(remedy));
}

}  // namespace

Result<RankOptions> RankOptions::from_environment() {
  RankOptions options;
  if (!is_launched() && is_under_mpirun()) {
    RLX_ASSIGN(options.rank, read_number(Variable::kMpiRank, "OMPI_COMM_WORLD_RANK"));
    RLX_ASSIGN(options.world_size, read_number(Variable::kMpiWorldSize, "OMPI_COMM_WORLD_SIZE"));
    return options;
  }
  // A group of one needs no name, but must not meet another program's.
  if (!is_launched()) {
    options.group = "alone-" + std::to_string(::getpid());
    return options;
  }
  RLX_ASSIGN(options.rank, read_number(Variable::kRank, "RLX_RANK"));
  RLX_ASSIGN(options.world_size, read_number(Variable::kWorldSize, "RLX_WORLD_SIZE"));
  if (const auto group = plugin::read_environment(Variable::kGroup)) options.group = *group;
  return options;
}

Result<Transport> Transport::from_environment() {
  if (const auto name = plugin::read_environment(Variable::kTransport)) return find(*name);
  if (is_launched()) return shm();
  return is_under_mpirun() ? find("mpi") : local();
}

Transport Transport::local() {
  return {"local", transport::local_table()};
}

Transport Transport::shm() {
  return {"shm", transport::shm_table()};
}

Result<Transport> Transport::find(std::string_view name) {
  for (const Transport& t : {local(), shm()})
    if (t.name() == name) return t;
  if (!is_plugin_id(name)) return unknown(name, nullptr);
  // Only this plugin is opened.
  RLX_ASSIGN(const std::shared_ptr<Registry> registry, Registry::create({.select = std::string(name)}));
  return find(name, *registry);
}

Result<Transport> Transport::find(std::string_view name, const Registry& registry) {
  for (const PluginTransport& t : registry.transports())
    if (t.name == name) return Transport(t.name, *t.table);
  return unknown(name, &registry);
}

Result<Rank> Transport::attach(const RankOptions& options) const {
  if (options.world_size == 0 || options.rank >= options.world_size)
    return fail(Code::kInvalidArgument, "attach: rank {} is unknown in a world of {}", options.rank,
                options.world_size);
  rlx_rank_options abi{};
  abi.struct_size = sizeof abi;
  abi.rank = options.rank;
  abi.world_size = options.world_size;
  abi.heap_bytes = options.heap_bytes;
  abi.deadline_ns = options.deadline_ns;
  abi.group = {options.group.data(), options.group.size()};
  Rank rank;
  RLX_TRY(plugin::call("attach", table_->attach, &abi, &rank.handle_));
  rank.table_ = table_;
  rank.options_ = options;
  rank.heap_ = table_->heap(rank.handle_);
  return rank;
}

Status Transport::destroy(std::string_view group) const {
  return plugin::call("destroy", table_->destroy, rlx_str{group.data(), group.size()});
}

Result<uint64_t> Rank::allocate(uint64_t bytes) {
  if (bytes > options_.heap_bytes)
    return rlx::fail(Code::kResourceExhausted, "allocate: {} bytes of a heap of {}", bytes, options_.heap_bytes);
  const uint64_t size = std::max<uint64_t>(1, (bytes + kHeapAlign - 1) / kHeapAlign) * kHeapAlign;
  // First fit: depends on nothing but the order of calls.
  uint64_t at = 0, largest = 0;
  for (const auto& [offset, used] : used_) {
    if (offset - at >= size) break;
    largest = std::max(largest, offset - at);
    at = offset + used;
  }
  if (size > options_.heap_bytes || at > options_.heap_bytes - size)
    return rlx::fail(Code::kResourceExhausted, "allocate: {} bytes; the largest free part of the heap has {} of {}",
                     bytes, std::max(largest, options_.heap_bytes - std::min(at, options_.heap_bytes)),
                     options_.heap_bytes);
  used_[at] = size;
  return at;
}

Status Rank::release(uint64_t offset) {
  if (used_.erase(offset) == 0)
    return rlx::fail(Code::kInvalidArgument, "release: nothing was allocated at offset {}", offset);
  return {};
}

}  // namespace rlx
