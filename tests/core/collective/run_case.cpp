// One case as one rank: buffers, the call, the comparison.
#include "oracle.hpp"

#include <algorithm>
#include <cstring>

namespace tests {

using namespace rlx;

namespace {

using Bytes = std::vector<char>;

// Where a case's data lies: private memory, or the symmetric heap.
class Buffer {
 public:
  Buffer(ProcessGroup& group, bool in_heap, uint64_t bytes) : rank_(group.heap()), bytes_(bytes) {
    if (in_heap)
      if (auto at = rank_.allocate(bytes)) {
        offset_ = *at;
        data_ = static_cast<char*>(rank_.heap()) + offset_;
        return;
      }
    own_.resize(bytes + 1);
    data_ = own_.data();
  }
  ~Buffer() {
    if (own_.empty()) (void)rank_.release(offset_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  char* data() { return data_; }
  void set(const Bytes& bytes, uint64_t at = 0) {
    if (!bytes.empty()) std::memcpy(data_ + at, bytes.data(), bytes.size());
  }
  Status compare(const Case& c, const Bytes& wanted, uint64_t at = 0) const {
    if (wanted.empty() || std::memcmp(data_ + at, wanted.data(), wanted.size()) == 0) return {};
    // The order of complex products decides over the sign of a zero.
    const auto *got = reinterpret_cast<const float*>(data_ + at), *want = reinterpret_cast<const float*>(wanted.data());
    if (c.dtype == DType::kC64 && std::equal(got, got + wanted.size() / sizeof(float), want)) return {};
    uint64_t i = 0;
    while (data_[at + i] == wanted[i]) ++i;
    return error(Code::kDataLoss,
                 c.text() + ": byte " + std::to_string(i) + " of " + std::to_string(wanted.size()) + " is wrong");
  }

 private:
  Rank& rank_;
  uint64_t bytes_, offset_ = 0;
  std::vector<char> own_;
  char* data_ = nullptr;
};

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& p : parts) all.insert(all.end(), p.begin(), p.end());
  return all;
}

struct Runner {
  ProcessGroup& group;
  const Case& c;
  uint32_t n = group.size(), me = group.rank();
  size_t element = size_of(c.dtype);
  uint64_t bytes = c.count * element;

  std::vector<Bytes> inputs(uint64_t count) const {
    std::vector<Bytes> all;
    for (const uint32_t m : c.members) all.push_back(make_input(c, m, count));
    return all;
  }

  Status reduce() {
    const uint64_t parts = c.kind == Kind::kReduceScatter ? n : 1;
    const auto all = inputs(c.count * parts);
    Buffer src(group, c.in_heap, bytes * parts), apart(group, c.in_heap, bytes);
    src.set(all[me]);
    const uint64_t mine = c.kind == Kind::kReduceScatter ? me * bytes : 0;
    char* dst = c.in_place ? src.data() + mine : apart.data();
    if (c.kind == Kind::kAllReduce)
      RLX_TRY(group.all_reduce(c.op, c.dtype, src.data(), dst, c.count, c.algorithm));
    else if (c.kind == Kind::kReduce)
      RLX_TRY(group.reduce(c.op, c.dtype, src.data(), me == c.root ? dst : nullptr, c.count, c.root, c.algorithm));
    else
      RLX_TRY(group.reduce_scatter(c.op, c.dtype, src.data(), dst, c.count, c.algorithm));
    if (c.kind == Kind::kReduce && me != c.root) return {};
    const Bytes sum = reduce_serially(c, all, c.count * parts);
    const Bytes wanted(sum.begin() + static_cast<ptrdiff_t>(mine), sum.begin() + static_cast<ptrdiff_t>(mine + bytes));
    return c.in_place ? src.compare(c, wanted, mine) : apart.compare(c, wanted);
  }

  Status all_gather() {
    std::vector<uint64_t> sizes;
    std::vector<Bytes> parts;
    uint64_t before = 0, total = 0;
    for (uint32_t r = 0; r < n; ++r) {
      const uint64_t count = c.kind == Kind::kAllGather ? c.count : c.counts[r];
      parts.push_back(make_input(c, c.members[r], count));
      sizes.push_back(parts.back().size());
      if (r < me) before += sizes.back();
      total += sizes.back();
    }
    Buffer src(group, c.in_heap, sizes[me]), dst(group, c.in_heap, total);
    src.set(parts[me]);
    dst.set(parts[me], before);
    const char* from = c.in_place ? dst.data() + before : src.data();
    if (c.kind == Kind::kAllGather)
      RLX_TRY(group.all_gather(from, bytes, dst.data(), c.algorithm));
    else
      RLX_TRY(group.all_gather_v(from, dst.data(), sizes, c.algorithm));
    return dst.compare(c, joined(parts));
  }

  Status broadcast() {
    const auto all = inputs(c.count);
    Buffer data(group, c.in_heap, bytes);
    data.set(all[me]);
    RLX_TRY(group.broadcast(data.data(), bytes, c.root, c.algorithm));
    return data.compare(c, all[c.root]);
  }

  Status gather() {
    const auto all = inputs(c.count);
    Buffer src(group, c.in_heap, bytes), dst(group, c.in_heap, bytes * n);
    src.set(all[me]);
    RLX_TRY(group.gather(src.data(), bytes, me == c.root ? dst.data() : nullptr, c.root));
    return me == c.root ? dst.compare(c, joined(all)) : Status{};
  }

  Status scatter() {
    const auto all = inputs(c.count);
    Buffer src(group, c.in_heap, bytes * n), dst(group, c.in_heap, bytes);
    src.set(joined(all));
    RLX_TRY(group.scatter(me == c.root ? src.data() : nullptr, dst.data(), bytes, c.root));
    return dst.compare(c, all[me]);
  }

  Status all_to_all() {
    std::vector<uint64_t> send, receive;
    std::vector<Bytes> out, in;
    for (uint32_t r = 0; r < n; ++r) {
      const bool v = c.kind == Kind::kAllToAllV;
      out.push_back(make_input(c, c.members[me], v ? c.counts[me * n + r] : c.count, r + 1));
      in.push_back(make_input(c, c.members[r], v ? c.counts[r * n + me] : c.count, me + 1));
      send.push_back(out.back().size());
      receive.push_back(in.back().size());
    }
    Buffer src(group, c.in_heap, joined(out).size()), dst(group, c.in_heap, joined(in).size());
    src.set(joined(out));
    if (c.kind == Kind::kAllToAllV)
      RLX_TRY(group.all_to_all_v(src.data(), send, dst.data(), receive));
    else
      RLX_TRY(group.all_to_all(src.data(), dst.data(), bytes));
    return dst.compare(c, joined(in));
  }

  // Along the ranks: everybody but the first receives, everybody but the last sends on.
  Status send_receive() {
    const auto all = inputs(c.count);
    Buffer data(group, c.in_heap, bytes);
    data.set(all[me]);
    if (me > 0) RLX_TRY(group.receive(me - 1, data.data(), bytes));
    if (me + 1 < n) RLX_TRY(group.send(me + 1, data.data(), bytes));
    return data.compare(c, all[0]);
  }

  Status run() {
    switch (c.kind) {
      case Kind::kAllReduce:
      case Kind::kReduce:
      case Kind::kReduceScatter:
        return reduce();
      case Kind::kAllGather:
      case Kind::kAllGatherV:
        return all_gather();
      case Kind::kBroadcast:
        return broadcast();
      case Kind::kGather:
        return gather();
      case Kind::kScatter:
        return scatter();
      case Kind::kAllToAll:
      case Kind::kAllToAllV:
        return all_to_all();
      case Kind::kSendReceive:
        return send_receive();
      default:
        return group.barrier();
    }
  }
};

}  // namespace

Status run_case(ProcessGroup& group, const Case& c) {
  Runner runner{group, c};
  Status status = runner.run();
  return status ? status : with_context(std::move(status).error(), c.text());
}

}  // namespace tests
