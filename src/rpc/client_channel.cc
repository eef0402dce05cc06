// SPDX-License-Identifier: Apache-2.0
#include "rpc/client_channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "identity/secret_file.h"

namespace meshlib::rpc {
namespace {

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);  // bounds one attempt to connect
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> NewChannel(
    const std::string& address, const std::optional<ControlPlaneSecurity>& security) {
  grpc::ChannelArguments arguments = Arguments();
  if (!security.has_value()) {
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }
  auto roots = identity::ReadPublicFile(security->root_file);
  if (!roots.ok()) {
    return absl::Status(roots.status().code(), absl::StrCat("rpc: ", ChannelName(address, true),
                                                            ": roots ", roots.status().message()));
  }
  if (!security->server_name.empty()) {
    arguments.SetString(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, security->server_name);
  }
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = *std::move(roots);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

std::string ChannelName(const std::string& address, bool secure) {
  if (address.starts_with("unix:")) return address;
  return (secure ? "grpcs://" : "grpc://") + address;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ClientChannels::Open(
    const std::string& address, const std::optional<ControlPlaneSecurity>& security) {
  auto channel = NewChannel(address, security);
  if (channel.ok() && first_ == nullptr) first_ = *channel;
  return channel;
}

}  // namespace meshlib::rpc
