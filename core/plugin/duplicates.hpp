// Which of several files with the same plugin id is used: the highest version, and of equal versions the one found
// first.
#pragma once

#include "plugin/examine.hpp"

#include <vector>

namespace rlx::plugin {

// Indices of the files that passed, one group per id (ordered by id), the preferred file first. The next of a group is
// tried when one cannot be opened, so that a broken upgrade does not take the older plugin away.
std::vector<std::vector<size_t>> group_by_id(const std::vector<Examined>& files);

// The refusal of a file that another one of its group stands before.
Refusal hidden_by(const Verdict& winner);

}  // namespace rlx::plugin
