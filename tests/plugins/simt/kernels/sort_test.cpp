// Sorting and selection: every way to cut a row has the order of a stable sort.
#include "kernels/launch.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

using namespace tests;

namespace {

struct Axis {
  uint64_t outer, size, inner;

  uint64_t rows() const { return outer * inner; }
  uint64_t at(uint64_t row, uint64_t i, uint64_t of) const { return (row / inner * of + i) * inner + row % inner; }
};

// Keys of 64 bits and their number are two words, others one.
template <typename T>
constexpr uint64_t kItemBytes = sizeof(T) == 8 ? 16 : 8;

template <typename T>
class Sorted {
 public:
  Sorted(std::string type, const Axis& axis, std::vector<T> x, bool descending, uint64_t kept, Order order)
      : type_(std::move(type)),
        axis_(axis),
        x_(std::move(x)),
        values_(axis.rows() * kept),
        positions_(values_.size()),
        order_(order) {
    p_.x = address(x_);
    p_.values = address(values_);
    p_.positions = address(positions_);
    p_.part.rows = axis.rows();
    p_.part.size = axis.size;
    p_.part.inner = axis.inner;
    p_.items = axis.size;
    p_.kept = kept;
    p_.descending = descending;
  }

  // In tiles that are merged from pass to pass.
  void sort(uint64_t tile) {
    p_.part.part_size = tile;
    p_.part.parts = (axis_.size + tile - 1) / tile;
    std::vector<uint64_t> a(axis_.rows() * axis_.size * kItemBytes<T> / 8), b(a.size());
    const auto threads = static_cast<uint32_t>(std::max<uint64_t>(tile / 4, SIMT_WARP));
    const auto pass = [&](const char* kernel, std::vector<uint64_t>& from, std::vector<uint64_t>& to, bool is_last) {
      p_.from = address(from);
      p_.to = is_last ? 0 : address(to);
      REQUIRE(launch(kernel + ("<" + type_ + ">"), p_, 2, threads, tile * kItemBytes<T> + 16, order_) == "");
    };
    pass("sort_tiles", b, a, tile >= axis_.size);
    for (p_.run = tile; p_.run < axis_.size; p_.run *= 2, a.swap(b)) pass("merge_runs", a, b, 2 * p_.run >= axis_.size);
    check();
  }

  void select(uint64_t parts) {
    p_.part.parts = parts;
    p_.part.part_size = (axis_.size + parts - 1) / parts;
    std::vector<uint64_t> items(axis_.rows() * parts * p_.kept * kItemBytes<T> / 8);
    p_.part.partial = address(items);
    const uint64_t shared = simt::kSelectQueue * kItemBytes<T> + 8;
    REQUIRE(launch("select_elements<" + type_ + ">", p_, 2, 128, shared, order_) == "");
    if (parts > 1) REQUIRE(launch("select_join<" + type_ + ">", p_, 2, 128, shared, order_) == "");
    check();
  }

 private:
  void check() const {
    // NaN is larger than every number.
    const auto less = [](T a, T b) { return a < b || (b != b && a == a); };
    std::vector<uint64_t> wanted(axis_.size);
    for (uint64_t row = 0; row < axis_.rows(); ++row) {
      std::iota(wanted.begin(), wanted.end(), uint64_t{0});
      std::stable_sort(wanted.begin(), wanted.end(), [&](uint64_t a, uint64_t b) {
        const T x = x_[axis_.at(row, a, axis_.size)], y = x_[axis_.at(row, b, axis_.size)];
        return p_.descending ? less(y, x) : less(x, y);
      });
      for (uint64_t i = 0; i < p_.kept; ++i) {
        const uint64_t to = axis_.at(row, i, p_.kept), from = axis_.at(row, wanted[i], axis_.size);
        REQUIRE(static_cast<uint64_t>(positions_[to]) == wanted[i]);
        REQUIRE(std::memcmp(&values_[to], &x_[from], sizeof(T)) == 0);
      }
    }
  }

  std::string type_;
  Axis axis_;
  std::vector<T> x_, values_;
  std::vector<int64_t> positions_;
  Order order_;
  simt::SortParams p_{};
};

constexpr Axis kAxes[] = {{3, 1, 1}, {2, 100, 3}, {2, 513, 1}, {1, 1500, 2}};

template <typename T>
std::vector<T> numbers(size_t count, uint64_t values) {
  std::mt19937_64 random(tests::seed());
  std::vector<T> v(count);
  for (T& x : v) x = static_cast<T>(values ? random() % values : random());
  return v;
}

// With zeros of both signs, NaN of both signs and infinities among ties.
template <typename T>
std::vector<T> special(size_t count) {
  const T some[] = {T(0), -T(0), T(NAN), -T(NAN), T(INFINITY), -T(INFINITY), T(1), T(-1), T(1e-40), T(-3)};
  std::vector<T> v = numbers<T>(count, 10);
  for (T& x : v) x = some[static_cast<size_t>(x)];
  return v;
}

template <typename T>
void check_all(const std::string& type, bool select, const std::function<std::vector<T>(size_t)>& make) {
  for (const Axis& axis : kAxes)
    for (const Order order : kOrders)
      for (const bool descending : {false, true}) {
        INFO(type << ", " << axis.size << " elements, descending " << descending);
        const std::vector<T> x = make(axis.rows() * axis.size);
        if (select) {
          for (const uint64_t parts : {1, 3})
            if (axis.size >= 100) Sorted<T>(type, axis, x, descending, 7, order).select(parts);
        } else {
          Sorted<T>(type, axis, x, descending, axis.size, order).sort(128);
        }
      }
}

}  // namespace

TEST_CASE("sorted tiles and merged runs are a stable sort", "[simt]") {
  check_all<float>("f32", false, special<float>);
  check_all<double>("f64", false, special<double>);
  check_all<int64_t>("i64", false, [](size_t n) { return numbers<int64_t>(n, 0); });
  check_all<uint64_t>("u64", false, [](size_t n) { return numbers<uint64_t>(n, 5); });
  check_all<int8_t>("i8", false, [](size_t n) { return numbers<int8_t>(n, 0); });
}

TEST_CASE("a merge writes only what is kept", "[simt]") {
  const Axis axis{2, 600, 2};
  Sorted<float>("f32", axis, random_floats(axis.rows() * axis.size), true, 333, Order::kRandom).sort(64);
}

TEST_CASE("selected elements are the first of a stable sort", "[simt]") {
  check_all<float>("f32", true, special<float>);
  check_all<uint64_t>("u64", true, [](size_t n) { return numbers<uint64_t>(n, 0); });
  check_all<uint16_t>("u16", true, [](size_t n) { return numbers<uint16_t>(n, 50); });
}

TEST_CASE("a selection from a row in the wrong order has room for every round", "[simt]") {
  const Axis axis{1, 9000, 1};
  std::vector<int> x(axis.size);
  std::iota(x.begin(), x.end(), 0);
  for (const uint64_t kept : {1, 50, 1024})
    for (const uint64_t parts : {1, 4}) Sorted<int>("i32", axis, x, true, kept, Order::kRandom).select(parts);
}
