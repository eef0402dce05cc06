// SPDX-License-Identifier: Apache-2.0
// A stock gRPC client and server of the mesh: gRPC C++ and nothing of meshlib. Its bootstrap comes
// from the environment (GRPC_XDS_BOOTSTRAP or GRPC_XDS_BOOTSTRAP_CONFIG).
//
//   grpc_peer server ADDRESS NAME        XdsServer; answers every call with NAME
//   grpc_peer client TARGET              reads lines from stdin: "N" makes N calls, or as many as
//                                        it takes to the first error, and prints
//                                        {"answers": {NAME: count}, "errors": {text: count}}

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/xds_server_builder.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

constexpr char kMethod[] = "/meshlib.interop.Echo/Who";

grpc::ByteBuffer Message(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string TextOf(const grpc::ByteBuffer& message) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (message.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return text;
}

class EchoService final : public grpc::CallbackGenericService {
 public:
  explicit EchoService(std::string name) : name_(std::move(name)) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* /*context*/) override {
    return new Reactor(name_);
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(const std::string& name) : answer_(Message(name)) { StartRead(&question_); }
    void OnReadDone(bool ok) override {
      if (ok) {
        StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
      } else {
        Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no message"));
      }
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer question_;
    grpc::ByteBuffer answer_;
  };

  const std::string name_;
};

class ServingNotifier final : public grpc::XdsServerServingStatusNotifierInterface {
 public:
  void OnServingStatusUpdate(std::string uri, ServingStatusUpdate update) override {
    std::printf("%s: %s\n", uri.c_str(),
                update.status.ok() ? "serving" : update.status.error_message().c_str());
    std::fflush(stdout);
  }
};

int RunServer(const std::string& address, const std::string& name) {
  EchoService service(name);
  ServingNotifier notifier;
  grpc::XdsServerBuilder builder;
  builder.set_status_notifier(&notifier);
  builder.RegisterCallbackGenericService(&service);
  builder.AddListeningPort(address, grpc::XdsServerCredentials(grpc::InsecureServerCredentials()));
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::fprintf(stderr, "cannot serve on %s\n", address.c_str());
    return 1;
  }
  server->Wait();
  return 0;
}

// One unary call, waited for.
class UnaryCall final {
 public:
  explicit UnaryCall(grpc::GenericStub& stub) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context_.set_wait_for_ready(true);
    question_ = Message("who");
    stub.UnaryCall(&context_, kMethod, grpc::StubOptions(), &question_, &answer_,
                   [this](grpc::Status status) {
                     const std::lock_guard lock(mutex_);
                     status_ = std::move(status);
                     done_ = true;
                     ended_.notify_one();
                   });
  }
  grpc::Status Wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return done_; });
    return status_;
  }
  std::string answer() const { return TextOf(answer_); }

 private:
  grpc::ClientContext context_;
  grpc::ByteBuffer question_, answer_;
  std::mutex mutex_;
  std::condition_variable ended_;
  grpc::Status status_;
  bool done_ = false;
};

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + '"';
}

std::string Object(const std::map<std::string, int>& counts) {
  std::string text = "{";
  for (const auto& [key, count] : counts) {
    if (text.size() > 1) text += ", ";
    text += Quoted(key) + ": " + std::to_string(count);
  }
  return text + "}";
}

int RunClient(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel = grpc::CreateCustomChannel(
      target, grpc::XdsCredentials(grpc::InsecureChannelCredentials()), arguments);
  grpc::GenericStub stub(channel);
  for (int calls = 0; std::cin >> calls;) {
    std::map<std::string, int> answers, errors;
    for (int i = 0; i < calls; ++i) {
      UnaryCall call(stub);
      const grpc::Status status = call.Wait();
      ++(status.ok() ? answers[call.answer()] : errors[status.error_message()]);
      if (!status.ok()) break;
    }
    std::printf("{\"answers\": %s, \"errors\": %s}\n", Object(answers).c_str(),
                Object(errors).c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (argc == 4 && arguments[1] == "server") return RunServer(arguments[2], arguments[3]);
  if (argc == 3 && arguments[1] == "client") return RunClient(arguments[2]);
  std::fprintf(stderr, "usage: grpc_peer server ADDRESS NAME | grpc_peer client TARGET\n");
  return 2;
}
