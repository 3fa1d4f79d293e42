// A rank for the tests of rlx-launch: sums over all ranks, prints, and misbehaves when told to.
#include <rlx/process_group.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  const auto options = rlx::RankOptions::from_environment();
  const auto transport = rlx::Transport::from_environment();
  if (!options || !transport) return 3;
  auto group = rlx::ProcessGroup::create(*transport, *options);
  if (!group) {
    std::fprintf(stderr, "%s\n", group.error().text().c_str());
    return 4;
  }
  float sum = static_cast<float>(group->rank() + 1);
  if (!group->all_reduce(rlx::Reduction::kSum, rlx::DType::kF32, &sum, &sum, 1)) return 5;
  std::printf("%s: rank %u of %u, sum %g\n", transport->name().c_str(), group->rank(), group->size(),
              static_cast<double>(sum));
  std::fflush(stdout);
  const char* what = argc > 1 ? argv[1] : "";
  if (!std::strcmp(what, "fail") && group->rank() == 1) return 7;
  if (!std::strcmp(what, "die") && group->rank() == 1) std::raise(SIGKILL);
  // Only the launcher ends the others.
  while (*what) ::pause();
  return 0;
}
