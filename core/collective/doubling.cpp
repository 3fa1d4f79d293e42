// Recursive doubling and halving. Both want 2^k members: the first 2 * (n - 2^k) fold into pairs before and unfold
// after. Operands are in the order of members, so that partners compute the same bits.
#include "collective/algorithms.hpp"

#include <bit>
#include <cstring>

namespace rlx::collective {
namespace {

class Folding {
 public:
  explicit Folding(const Team& team)
      : team_(team), width_(std::bit_floor(team.size())), folded_(team.size() - width_) {}

  uint32_t width() const { return width_; }
  // The even one of a pair sits out.
  bool sits_out() const { return team_.me < 2 * folded_ && team_.me % 2 == 0; }
  uint32_t me() const { return team_.me < 2 * folded_ ? team_.me / 2 : team_.me - folded_; }
  // The member at a position among the 2^k.
  uint32_t member(uint32_t at) const { return at < folded_ ? 2 * at + 1 : at + folded_; }

  Status fold(const Fold& how, const char* src, char* dst, uint64_t bytes) const {
    if (team_.me >= 2 * folded_) {
      if (bytes && src != dst) std::memcpy(dst, src, bytes);
      return {};
    }
    if (sits_out()) {
      const Transfer give{team_.me + 1, src, bytes, nullptr, 0, true, false};
      return transfer_all(team_, {&give, 1});
    }
    const Transfer take{team_.me - 1, nullptr, 0, dst, bytes, false, true};
    return transfer_combined(team_, take, how, src, false);
  }

  Status unfold(char* dst, uint64_t bytes) const {
    if (team_.me >= 2 * folded_) return {};
    const Transfer take{team_.me + 1, nullptr, 0, dst, bytes, false, true},
        give{team_.me - 1, dst, bytes, nullptr, 0, true, false};
    return transfer_all(team_, {sits_out() ? &take : &give, 1});
  }

 private:
  const Team& team_;
  uint32_t width_, folded_;
};

}  // namespace

Status doubling_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count) {
  const Folding folding(team);
  const uint64_t bytes = count * how.element();
  RLX_TRY(folding.fold(how, src, dst, bytes));
  if (!folding.sits_out()) {
    for (uint32_t step = 1; step < folding.width(); step *= 2) {
      const uint32_t peer = folding.me() ^ step;
      // A chunk of dst was sent before the received one changes it.
      RLX_TRY(transfer_combined(team, {folding.member(peer), dst, bytes, dst, bytes}, how, dst, folding.me() < peer));
    }
    divide(how, dst, count);
  }
  return folding.unfold(dst, bytes);
}

Status halving_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count) {
  const Folding folding(team);
  const uint64_t bytes = count * how.element();
  RLX_TRY(folding.fold(how, src, dst, bytes));
  if (!folding.sits_out()) {
    const uint32_t width = folding.width(), me = folding.me();
    // Elements of positions [first, first + parts) of the 2^k.
    const auto range = [&](uint32_t first, uint32_t parts) {
      const Part low = part_of(count, how.element(), first, width),
                 high = part_of(count, how.element(), first + parts - 1, width);
      return Part{low.first, high.first + high.count - low.first};
    };
    const auto transfer = [&](uint32_t peer, const Part& give, const Part& take) {
      return Transfer{folding.member(peer), dst + give.first * how.element(), give.count * how.element(),
                      dst + take.first * how.element(), take.count * how.element()};
    };
    for (uint32_t half = width / 2; half >= 1; half /= 2) {
      const uint32_t peer = me ^ half, mine = me / half * half, theirs = peer / half * half;
      const Transfer t = transfer(peer, range(theirs, half), range(mine, half));
      RLX_TRY(transfer_combined(team, t, how, t.dst, me < peer));
    }
    const Part own = range(me, 1);
    divide(how, dst + own.first * how.element(), own.count);
    for (uint32_t half = 1; half < width; half *= 2) {
      const uint32_t peer = me ^ half, mine = me / half * half, theirs = peer / half * half;
      const Transfer t = transfer(peer, range(mine, half), range(theirs, half));
      RLX_TRY(transfer_all(team, {&t, 1}));
    }
  }
  return folding.unfold(dst, bytes);
}

}  // namespace rlx::collective
