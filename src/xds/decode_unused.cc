// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_unused.h"

#include <algorithm>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"

namespace meshlib::xds {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

void CheckField(const Message& message, const FieldDescriptor& field, DecodeContext& context) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    const auto scope = context.In(field.name());
    RequireNoUnknownFields(reflection.GetMessage(message, &field), context);
    return;
  }
  const int size = reflection.FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    const auto scope = context.In(field.name(), i);
    RequireNoUnknownFields(reflection.GetRepeatedMessage(message, &field, i), context);
  }
}

}  // namespace

void ReportUnused(const Message& message, std::span<const std::string_view> expected,
                  DecodeContext& context) {
  for (const FieldDescriptor* field : SetFields(message)) {
    if (std::find(expected.begin(), expected.end(), field->name()) != expected.end()) continue;
    context.Ignored(field->name());
  }
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const std::string number = std::to_string(unknown.field(i).number());
    context.Ignored("", "field " + number + " is not known here");
  }
}

void RequireNoUnknownFields(const Message& message, DecodeContext& context) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const std::string number = std::to_string(unknown.field(i).number());
    context.Error("field " + number + " is not known here, and it may decide security");
  }
  for (const FieldDescriptor* field : SetFields(message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->message_type() == envoy::config::core::v3::ConfigSource::descriptor()) continue;
    CheckField(message, *field, context);
  }
}

}  // namespace meshlib::xds
