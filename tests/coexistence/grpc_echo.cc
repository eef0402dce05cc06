// SPDX-License-Identifier: Apache-2.0
#include "coexistence/grpc_echo.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>

#include "coexistence/file_text.h"

namespace meshlib::coexistence {
namespace {

class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor() { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer message_;
};

class EchoService final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new EchoReactor();
  }
};

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

}  // namespace

struct GrpcEcho::Parts {
  EchoService service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::GenericStub> stub;
};

GrpcEcho::GrpcEcho(const std::string& directory) : parts_(std::make_unique<Parts>()) {
  grpc::SslServerCredentialsOptions identity;
  identity.pem_key_cert_pairs.push_back(
      {FileText(directory + "/key.pem"), FileText(directory + "/chain.pem")});
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(identity), &port);
  builder.RegisterCallbackGenericService(&parts_->service);
  parts_->server = builder.BuildAndStart();
  grpc::SslCredentialsOptions roots;
  roots.pem_root_certs = FileText(directory + "/ca.pem");
  parts_->stub = std::make_unique<grpc::GenericStub>(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(roots)));
}

GrpcEcho::~GrpcEcho() {
  parts_->stub.reset();
  if (parts_->server) parts_->server->Shutdown(std::chrono::system_clock::now());
}

std::string GrpcEcho::Echo(const std::string& text) {
  const grpc::Slice slice(text);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  const auto call =
      parts_->stub->PrepareUnaryCall(&context, "/coexistence.Echo/Echo", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status.ok() ? TextOf(response) : "gRPC: " + status.error_message();
}

}  // namespace meshlib::coexistence
