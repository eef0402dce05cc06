// FindNumber and FindString: the little JSON that Bookinfo's services read from each other.

#ifndef BOOKINFO_JSON_H_
#define BOOKINFO_JSON_H_

#include <optional>
#include <string>
#include <string_view>

namespace bookinfo {

// The value behind the first `"key":` of a flat enough document; nullopt when there is none.
std::optional<int> FindNumber(std::string_view json, std::string_view key);
std::optional<std::string> FindString(std::string_view json, std::string_view key);

}  // namespace bookinfo

#endif  // BOOKINFO_JSON_H_
