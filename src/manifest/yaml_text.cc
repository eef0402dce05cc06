// SPDX-License-Identifier: Apache-2.0
#include "manifest/yaml_text.h"

#include <algorithm>
#include <exception>
#include <istream>
#include <optional>
#include <streambuf>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "manifest/utf8.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace meshlib::manifest {
namespace {

constexpr int kMaxDepth = 100;
constexpr uint64_t kMaxAliasedValues = 1'000'000;
constexpr size_t kMaxErrors = 20;

Position PositionOf(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Reads text where it is; std::istringstream would copy it. Thread-compatible.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // std::streambuf's get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

// Ends the reading of a text; yaml-cpp lets what a handler throws pass.
struct Stop final : std::exception {
  explicit Stop(YamlError e) : error(std::move(e)) {}
  YamlError error;
};

// Builds the tree of one document from yaml-cpp's events. yaml-cpp's own tree is not used: it keeps
// duplicate keys, expands nothing but counts nothing either, and throws on look-up.
// Thread-compatible.
class TreeBuilder final : public YAML::EventHandler {
 public:
  // Null for an empty document.
  YamlPtr TakeRoot() { return std::move(root_); }
  const std::vector<YamlError>& errors() const { return errors_; }
  Position start() const { return start_; }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = PositionOf(mark); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto value = std::make_shared<YamlValue>();
    value->position = PositionOf(mark);
    Add(std::move(value), {}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto value = std::make_shared<YamlValue>();
    value->position = PositionOf(mark);
    // "?" is yaml-cpp's tag of plain scalars, "!" that of quoted ones and blocks.
    const bool plain = tag == "?" || (tag != "!" && tag != "tag:yaml.org,2002:str");
    if (!plain || !IsNull(text)) {
      value->kind = YamlValue::Kind::kScalar;
      value->quoted = !plain;
      value->scalar = text;
    }
    Add(std::move(value), {}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) {
      throw Stop({PositionOf(mark), "the alias refers to a value that it is part of"});
    }
    Attach(it->second.value, it->second.size, PositionOf(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlValue::Kind::kSequence, mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlValue::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override {
    ResolveMerges(*open_.back().value);
    ReportDuplicates(*open_.back().value);
    Close();
  }

 private:
  struct Size {
    uint64_t values = 1;  // with those behind aliases as often as they are named
    int depth = 0;        // of mappings and lists
  };
  struct Anchored {
    YamlPtr value;
    Size size;
  };
  struct Unfinished {
    std::shared_ptr<YamlValue> value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    Size size;
    std::optional<YamlEntry> key;  // of a map: its value is next
  };

  static bool IsNull(const std::string& text) {
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
  }

  void Open(YamlValue::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= static_cast<size_t>(kMaxDepth)) {
      throw Stop({PositionOf(mark), absl::StrCat("nests deeper than ", kMaxDepth, " levels")});
    }
    auto value = std::make_shared<YamlValue>();
    value->kind = kind;
    value->position = PositionOf(mark);
    open_.push_back({std::move(value), anchor, {.values = 1, .depth = 1}, std::nullopt});
  }

  void Close() {
    Unfinished closed = std::move(open_.back());
    open_.pop_back();
    Add(std::move(closed.value), closed.size, closed.anchor);
  }

  void Add(YamlPtr value, Size size, YAML::anchor_t anchor) {
    ++values_;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, size};
    const Position position = value->position;
    Attach(std::move(value), size, position);
  }

  // Puts a value where the document has it.
  void Attach(YamlPtr value, Size size, Position position) {
    if (open_.empty()) {
      if (value->kind != YamlValue::Kind::kNull) root_ = std::move(value);
      return;
    }
    Unfinished& parent = open_.back();
    Grow(parent.size, size, position);
    if (parent.value->kind == YamlValue::Kind::kSequence) {
      parent.value->items.push_back(std::move(value));
    } else if (parent.key.has_value()) {
      parent.key->value = std::move(value);
      parent.value->entries.push_back(*std::exchange(parent.key, std::nullopt));
    } else {
      parent.key = YamlEntry{KeyOf(*value, position), position, nullptr};
    }
  }

  void Grow(Size& parent, Size child, Position position) const {
    parent.values += child.values;
    parent.depth = std::max(parent.depth, child.depth + 1);
    if (parent.depth + static_cast<int>(open_.size()) - 1 > kMaxDepth) {
      throw Stop({position, absl::StrCat("aliases nest deeper than ", kMaxDepth, " levels")});
    }
    if (parent.values > values_ + kMaxAliasedValues) {
      throw Stop(
          {position, absl::StrCat("aliases expand to more than ", kMaxAliasedValues, " values")});
    }
  }

  std::string KeyOf(const YamlValue& value, Position position) {
    if (value.kind == YamlValue::Kind::kScalar) return value.scalar;
    Report(position, "a key must be text");
    return {};
  }

  void Report(Position position, std::string text) {
    errors_.push_back({position, std::move(text)});
    if (errors_.size() >= kMaxErrors) throw Stop({position, "too many errors"});
  }

  void ReportDuplicates(const YamlValue& map) {
    absl::flat_hash_map<std::string_view, Position> seen;
    for (const YamlEntry& entry : map.entries) {
      const auto [it, is_new] = seen.try_emplace(entry.key, entry.position);
      if (is_new) continue;
      Report(entry.position, absl::StrCat("key \"", entry.key, "\" is here twice, first in line ",
                                          it->second.line));
    }
  }

  // "<<: *defaults" adds the keys of a map that are not there (yaml.org/type/merge).
  void ResolveMerges(YamlValue& map) {
    const auto merge = std::find_if(map.entries.begin(), map.entries.end(),
                                    [](const YamlEntry& entry) { return entry.key == "<<"; });
    if (merge == map.entries.end()) return;
    const YamlEntry source = *merge;
    map.entries.erase(merge);
    if (source.value->kind == YamlValue::Kind::kSequence) {
      for (const YamlPtr& item : source.value->items) Merge(map, *item, source.position);
    } else {
      Merge(map, *source.value, source.position);
    }
  }

  void Merge(YamlValue& map, const YamlValue& from, Position position) {
    if (from.kind != YamlValue::Kind::kMap) {
      return Report(position, "\"<<\" merges mappings only");
    }
    absl::flat_hash_set<std::string> present;
    for (const YamlEntry& entry : map.entries) present.insert(entry.key);
    for (const YamlEntry& entry : from.entries) {
      if (!present.contains(entry.key)) map.entries.push_back(entry);
    }
  }

  YamlPtr root_;
  Position start_;
  std::vector<YamlError> errors_;
  std::vector<Unfinished> open_;
  absl::flat_hash_map<YAML::anchor_t, Anchored> anchors_;
  uint64_t values_ = 0;  // written so far
};

// Reads the next document. False when there is none.
bool ReadDocument(YAML::Parser& parser, std::optional<Position>& last_start, YamlText& result) {
  TreeBuilder builder;
  if (!parser.HandleNextDocument(builder)) return false;
  YamlPtr root = builder.TakeRoot();
  result.errors.insert(result.errors.end(), builder.errors().begin(), builder.errors().end());
  if (root == nullptr && last_start == builder.start()) {
    // yaml-cpp answers a token that starts no document with empty documents, for ever.
    throw Stop({builder.start(), "unexpected text"});
  }
  last_start = builder.start();
  if (root != nullptr && builder.errors().empty()) result.documents.push_back(std::move(root));
  return true;
}

}  // namespace

const YamlValue* YamlValue::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

YamlText DecodeYaml(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  YamlText result;
  if (std::optional<YamlError> bad = FirstBadByte(text)) {
    result.errors.push_back(*std::move(bad));
    return result;
  }
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    std::optional<Position> last_start;
    while (ReadDocument(parser, last_start, result)) {
    }
  } catch (const Stop& stop) {
    result.errors.push_back(stop.error);
  } catch (const YAML::Exception& error) {
    result.errors.push_back({PositionOf(error.mark), error.msg});
  } catch (const std::exception& error) {
    result.errors.push_back({{}, absl::StrCat("the text cannot be read: ", error.what())});
  }
  return result;
}

}  // namespace meshlib::manifest
