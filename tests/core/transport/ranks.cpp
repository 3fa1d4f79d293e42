#include "ranks.hpp"

namespace tests {

using namespace rlx;

Status expect_error(const Status& status, Code code, const std::string& part) {
  if (status) return error(Code::kUnknown, "no error instead of " + code_name(code));
  return expect(status.error().code == code && status.error().message.find(part) != std::string::npos,
                "got " + status.error().text() + " instead of " + code_name(code) + " with '" + part + "'");
}

namespace {

// Join: makes what the function gets.
template <typename Join, typename Function>
std::vector<Status> run(uint32_t world, const RankOptions& options, const Join& join, const Function& function) {
  return run_world(world, options, [&](const RankOptions& mine, const std::function<void()>& stay) {
    auto joined = join(mine);
    Status status = joined ? function(*joined) : tl::unexpected<Error>(joined.error());
    stay();
    return status;
  });
}

void require_all(const Transport& transport, const std::vector<Status>& statuses) {
  for (size_t r = 0; r < statuses.size(); ++r) {
    INFO(transport.name() << ", rank " << r << " of " << statuses.size() << ": "
                          << (statuses[r] ? "" : statuses[r].error().text()));
    REQUIRE(statuses[r].has_value());
  }
}

}  // namespace

std::vector<Status> run_ranks(const Transport& transport, uint32_t world, const RankOptions& options,
                              const RankFunction& function) {
  return run(
      world, options, [&](const RankOptions& mine) { return transport.attach(mine); }, function);
}

void require_ranks(const Transport& transport, uint32_t world, const RankOptions& options,
                   const RankFunction& function) {
  require_all(transport, run_ranks(transport, world, options, function));
}

std::vector<Status> run_groups(const Transport& transport, uint32_t world, const GroupOptions& group,
                               const GroupFunction& function, RankOptions options) {
  options.heap_bytes = uint64_t{8} << 20;
  return run(
      world, options, [&](const RankOptions& mine) { return ProcessGroup::create(transport, mine, group); }, function);
}

void require_groups(const Transport& transport, uint32_t world, const GroupOptions& group,
                    const GroupFunction& function) {
  require_all(transport, run_groups(transport, world, group, function));
}

}  // namespace tests
