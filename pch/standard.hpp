// The standard headers that most of our files include, compiled once for each library where a build asks for it
// (-Db_pch=true, which the sanitizer builds do: half of their time was reading these). Every file still includes what
// it uses; the release build, which has no precompiled headers, sees to that. These headers have no guard: each is the
// main file of its compilation.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>
