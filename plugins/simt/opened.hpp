// A library that is opened once per process: its table of calls, or why there is none.
#pragma once

#include "library.hpp"
#include "log.hpp"
#include "vendor.hpp"

#include <rlx/sdk/error.hpp>

#include <mutex>
#include <optional>

namespace rlx::simt {

template <typename Table>
struct Opened {
  Table table;
  std::optional<sdk::Error> error;

  // names: for dlopen, best first. load fills the table and answers the symbol that is missing, or NULL.
  Opened(const char* what, std::span<const char* const> names, std::string_view remedy,
         const char* (*load)(void*, Table&)) {
    std::string why;
    void* library = open_library(names, why);
    if (!library) {
      error.emplace(RLX_DRIVER_MISSING, std::string(vendor().id) + ": no " + what + ": " + why, std::string(remedy));
    } else if (const char* symbol = load(library, table)) {
      error.emplace(RLX_DRIVER_TOO_OLD, std::string(vendor().id) + ": the " + what + " has no " + symbol,
                    std::string(remedy));
    }
  }
  const Table& get() const {
    if (error) throw *error;
    return table;
  }
  // For libraries that own kernels can do without: NULL, and a line in the log the first time.
  const Table* table_or_log() const {
    if (!error) return &table;
    std::call_once(told_, [&] { log_debug(error->message + "; own kernels take over"); });
    return nullptr;
  }

 private:
  mutable std::once_flag told_;
};

}  // namespace rlx::simt
