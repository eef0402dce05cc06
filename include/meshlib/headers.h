// SPDX-License-Identifier: Apache-2.0
// Headers: the fields of an HTTP message.

#ifndef MESHLIB_HEADERS_H_
#define MESHLIB_HEADERS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "meshlib/export.h"

namespace meshlib {

// An ordered list of header fields in one flat buffer: filling a recycled Headers does not
// allocate. Names are kept in lower case. Names given to the look-up functions must be lower case.
//
//   Headers headers = {{"accept", "text/html"}};
//   headers.Set("end-user", "jason");
//
// Views returned stay valid until the next change. Thread-compatible.
class MESHLIB_EXPORT Headers final {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
    friend bool operator==(const Field&, const Field&) = default;
  };

  class const_iterator final {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Field;
    const_iterator() = default;
    const_iterator(const Headers* headers, size_t index) : headers_(headers), index_(index) {}
    Field operator*() const { return headers_->at(index_); }
    const_iterator& operator++() {
      ++index_;
      return *this;
    }
    const_iterator operator++(int) {
      const_iterator old = *this;
      ++index_;
      return old;
    }
    friend bool operator==(const const_iterator&, const const_iterator&) = default;

   private:
    const Headers* headers_ = nullptr;
    size_t index_ = 0;
  };

  Headers() = default;
  Headers(std::initializer_list<Field> fields) {
    for (const Field& field : fields) Add(field.name, field.value);
  }

  // Appends a field; others of the same name stay.
  void Add(std::string_view name, std::string_view value);
  // The same for a name that is in lower case already.
  void AddLowerCase(std::string_view name, std::string_view value);
  // Replaces all fields of that name by one, at the place of the first.
  void Set(std::string_view name, std::string_view value);
  // Removes all fields of that name; returns how many there were.
  size_t Remove(std::string_view name);
  // Empties it and keeps its memory.
  void Clear();

  // The first field of that name.
  std::optional<std::string_view> Get(std::string_view name) const;
  bool Has(std::string_view name) const { return Get(name).has_value(); }
  // All values of that name joined with ","; allocates only when there are several.
  // `storage` holds the result then, and must outlive its use.
  std::optional<std::string_view> GetJoined(std::string_view name, std::string* storage) const;

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // REQUIRES: index < size().
  Field at(size_t index) const {
    const Entry& e = entries_[index];
    return {{buffer_.data() + e.offset, e.name_size},
            {buffer_.data() + e.offset + e.name_size, e.value_size}};
  }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, entries_.size()}; }

  // The same fields in the same order.
  friend bool operator==(const Headers& a, const Headers& b) { return a.Equals(b); }

 private:
  struct Entry {
    uint32_t offset;
    uint32_t name_size;
    uint32_t value_size;
  };
  bool Equals(const Headers& other) const;

  std::string buffer_;  // name and value of each entry, back to back
  std::vector<Entry> entries_;
};

}  // namespace meshlib

#endif  // MESHLIB_HEADERS_H_
