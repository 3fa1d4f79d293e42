// Fills a transport table from a class whose static functions have the names of the slots, so that no author writes the
// list of slots, or leaves one out.
#pragma once

#include <rlx/transport.h>

namespace rlx::sdk {

// Slots needs no function `map` where peers' heaps are no memory of this process: the host then knows.
template <typename Slots>
constexpr rlx_transport_table_v1 transport_table() {
  rlx_transport_table_v1 t{};
  t.struct_size = sizeof t;
  t.minor = RLX_ABI_MINOR;
  t.attach = Slots::attach;
  t.detach = Slots::detach;
  t.destroy = Slots::destroy;
  t.heap = Slots::heap;
  t.link = Slots::link;
  if constexpr (requires { Slots::map; }) t.map = Slots::map;
  t.put = Slots::put;
  t.get = Slots::get;
  t.put_strided = Slots::put_strided;
  t.get_strided = Slots::get_strided;
  t.put_signal = Slots::put_signal;
  t.wait_signal = Slots::wait_signal;
  t.atomic_add = Slots::atomic_add;
  t.fence = Slots::fence;
  t.quiet = Slots::quiet;
  t.barrier = Slots::barrier;
  t.put_async = Slots::put_async;
  t.get_async = Slots::get_async;
  t.wait_point = Slots::wait_point;
  t.register_region = Slots::register_region;
  t.release_region = Slots::release_region;
  t.put_region = Slots::put_region;
  t.get_region = Slots::get_region;
  t.fail = Slots::fail;
  t.collective = Slots::collective;
  return t;
}

}  // namespace rlx::sdk
