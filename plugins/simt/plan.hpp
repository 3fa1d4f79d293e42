// A compiled program as data: the launches of one run in order, and the source that their kernels are compiled from.
#pragma once

#include "device/params.hpp"
#include "library_call.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rlx::simt {

using ::simt::Address;

// A pointer among the parameters of a launch, filled in when a context knows its addresses.
struct PointerField {
  enum class To : uint8_t { kTensor, kErrorRecord, kRunCounter, kScratch };
  uint32_t at;  // bytes from the start of the parameters
  To to;
  uint32_t tensor;
  uint64_t offset_bytes;
  uint64_t scratch_bytes = 0;  // of kScratch: what the launch uses of it
};

struct Launch {
  uint32_t node;     // in the main region
  std::string body;  // "softmax<f32>": what the entry calls; "cublaslt:f16": what a library does
  std::string entry;
  uint32_t grid, block, shared_bytes;
  std::vector<std::byte> params;
  std::vector<PointerField> pointers;
  std::shared_ptr<const LibraryCall> call;  // instead of an entry
};

// The text that the run-time compiler gets: includes, generated regions and one entry for each distinct kernel.
class Source {
 public:
  void include(const std::string& header) { headers_.insert(header); }
  // text is a struct's body, behind its name; the name is the answer. Equal bodies share one.
  std::string define(const std::string& text);
  // The entry that calls body with parameters of a type.
  std::string entry(const std::string& params, const std::string& body);
  std::string text() const;
  bool empty() const { return entries_.empty(); }

 private:
  std::set<std::string> headers_;
  std::map<std::string, std::string> regions_, entries_;  // text to name
};

struct Plan {
  std::vector<Launch> launches;
  Source source;
  bool reports_errors = false;  // some launch may write the error record
  bool counts_runs = false;     // some launch reads the run counter
  uint64_t scratch_bytes = 0;   // what the node that needs most needs while it runs
};

}  // namespace rlx::simt
