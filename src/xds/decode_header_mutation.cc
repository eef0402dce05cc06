// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_header_mutation.h"

#include <utility>

#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
using resource::HeaderAddition;

constexpr int kMaxAdditions = 1000;
constexpr size_t kMaxBytes = 16384;

HeaderAddition::Action DecodeAction(const core::HeaderValueOption& in, DecodeContext& context) {
  using Action = HeaderAddition::Action;
  if (in.has_append()) {
    if (in.append_action() != core::HeaderValueOption::APPEND_IF_EXISTS_OR_ADD) {
      context.Error("append_action", "excludes append");
    }
    return in.append().value() ? Action::kAppendIfExistsOrAdd : Action::kOverwriteIfExistsOrAdd;
  }
  switch (in.append_action()) {
    case core::HeaderValueOption::APPEND_IF_EXISTS_OR_ADD:
      return Action::kAppendIfExistsOrAdd;
    case core::HeaderValueOption::ADD_IF_ABSENT:
      return Action::kAddIfAbsent;
    case core::HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD:
      return Action::kOverwriteIfExistsOrAdd;
    case core::HeaderValueOption::OVERWRITE_IF_EXISTS:
      return Action::kOverwriteIfExists;
    default:
      context.Error("append_action", "unknown value");
      return Action::kAppendIfExistsOrAdd;
  }
}

HeaderAddition DecodeAddition(const core::HeaderValueOption& in, DecodeContext& context) {
  const core::HeaderValue& header = in.header();
  if (!in.has_header()) context.Error("header", "is required");
  if (!header.value().empty() && !header.raw_value().empty()) {
    context.Error("header", "has both value and raw_value");
  }
  const std::string& value = header.raw_value().empty() ? header.value() : header.raw_value();
  if (in.has_header()) RequireHeaderName(header.key(), "header.key", context);
  RequireHeaderText(value, "header.value", context);
  if (header.key().size() > kMaxBytes) context.Error("header.key", "is longer than 16384 bytes");
  if (value.size() > kMaxBytes) context.Error("header.value", "is longer than 16384 bytes");
  return {.name = LowerCase(header.key()),
          .value = value,
          .action = DecodeAction(in, context),
          .keep_empty_value = in.keep_empty_value()};
}

}  // namespace

resource::HeaderMutations DecodeHeaderMutations(const HeaderAdditions& add,
                                                const HeaderRemovals& remove,
                                                std::string_view fields, DecodeContext& context) {
  resource::HeaderMutations out;
  const std::string add_field = std::string(fields) + "_to_add";
  if (add.size() > kMaxAdditions) context.Error(add_field, "has more than 1000 items");
  for (int i = 0; i < add.size(); ++i) {
    const auto scope = context.In(add_field, i);
    out.add.push_back(DecodeAddition(add[i], context));
  }
  const std::string remove_field = std::string(fields) + "_to_remove";
  for (int i = 0; i < remove.size(); ++i) {
    const auto scope = context.In(remove_field, i);
    RequireHeaderName(remove[i], "", context);
    out.remove.push_back(LowerCase(remove[i]));
  }
  return out;
}

}  // namespace meshlib::xds
