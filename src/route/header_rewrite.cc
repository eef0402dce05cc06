// SPDX-License-Identifier: Apache-2.0
#include "route/header_rewrite.h"

#include <string_view>

#include "absl/container/inlined_vector.h"

namespace meshlib::route {
namespace {

using resource::HeaderAddition;

// An addition that takes place, with its value in the scratch memory.
struct Due {
  const HeaderAddition* addition;
  size_t begin;
  size_t end;
};
using DueList = absl::InlinedVector<Due, 16>;

bool IsWanted(const HeaderAddition& addition, const Headers& headers) {
  switch (addition.action) {
    case HeaderAddition::Action::kAppendIfExistsOrAdd:
    case HeaderAddition::Action::kOverwriteIfExistsOrAdd:
      return true;
    case HeaderAddition::Action::kAddIfAbsent:
      return !headers.Has(addition.name);
    case HeaderAddition::Action::kOverwriteIfExists:
      return headers.Has(addition.name);
  }
  return false;
}

bool Overwrites(const HeaderAddition& addition) {
  return addition.action == HeaderAddition::Action::kOverwriteIfExistsOrAdd ||
         addition.action == HeaderAddition::Action::kOverwriteIfExists;
}

DueList Evaluate(const resource::HeaderMutations& mutations, const FormatContext& context,
                 const Headers& headers, std::string& values) {
  DueList due;
  values.clear();
  for (const HeaderAddition& addition : mutations.add) {
    const size_t begin = values.size();
    AppendHeaderFormat(addition.value, context, values);
    const bool is_empty = values.size() == begin;
    if ((!is_empty || addition.keep_empty_value) && IsWanted(addition, headers)) {
      due.push_back({&addition, begin, values.size()});
    }
  }
  return due;
}

}  // namespace

void ApplyHeaderMutations(const resource::HeaderMutations& mutations, const FormatContext& context,
                          MessageKind kind, Headers& headers, RewriteScratch& scratch) {
  for (const std::string& name : mutations.remove) headers.Remove(name);
  if (mutations.add.empty()) return;
  const DueList due = Evaluate(mutations, context, headers, scratch.values);
  const auto value = [&](const Due& one) {
    return std::string_view(scratch.values).substr(one.begin, one.end - one.begin);
  };
  // Envoy overwrites first, so that what one addition appends is not lost to another's overwriting.
  for (const Due& one : due) {
    if (Overwrites(*one.addition)) headers.Set(one.addition->name, value(one));
  }
  for (const Due& one : due) {
    if (!Overwrites(*one.addition)) AppendHeader(kind, one.addition->name, value(one), headers);
  }
}

void RemoveInternalOnlyHeaders(const resource::RouteConfig& config, Headers& headers) {
  for (const std::string& name : config.internal_only_headers) headers.Remove(name);
}

}  // namespace meshlib::route
