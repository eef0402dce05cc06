// SPDX-License-Identifier: Apache-2.0
// PackAny and UnpackAny: google.protobuf.Any with the type URLs of the messages that ours stand
// for.

#ifndef MESHLIB_PROTO_ANY_H_
#define MESHLIB_PROTO_ANY_H_

#include <string>
#include <string_view>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/message.h"

namespace meshlib::proto {

// "type.googleapis.com/envoy.config.cluster.v3.Cluster" for
// meshlib.envoy.config.cluster.v3.Cluster.
template <typename Message>
std::string TypeUrl() {
  constexpr std::string_view kPackage = "meshlib.";
  return "type.googleapis.com/" + Message::descriptor()->full_name().substr(kPackage.size());
}

// Deterministic: equal messages have equal bytes, maps included.
std::string SerializeDeterministic(const ::google::protobuf::Message& message);

// REQUIRES: a message of package meshlib.*.
template <typename Message>
::google::protobuf::Any PackAny(const Message& message) {
  ::google::protobuf::Any any;
  any.set_type_url(TypeUrl<Message>());
  any.set_value(SerializeDeterministic(message));
  return any;
}

template <typename Message>
bool IsType(const ::google::protobuf::Any& any) {
  return any.type_url() == TypeUrl<Message>();
}

// False when the type is another one or the bytes are not such a message.
template <typename Message>
bool UnpackAny(const ::google::protobuf::Any& any, Message& message) {
  return IsType<Message>(any) && message.ParseFromString(any.value());
}

}  // namespace meshlib::proto

#endif  // MESHLIB_PROTO_ANY_H_
