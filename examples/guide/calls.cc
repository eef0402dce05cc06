// SPDX-License-Identifier: Apache-2.0
// The Calls of docs/calls.md, made one after the other: to a shop that this program serves itself.

#include <meshlib/mesh.h>

#include <coroutine>
#include <future>
#include <iostream>
#include <string>
#include <vector>

namespace {

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

absl::Status GetAndPost(meshlib::Mesh& mesh) {
  absl::StatusOr<meshlib::HttpResponse> menu = mesh.http().Get("http://shop:9080/menu");
  if (!menu.ok()) return menu.status();
  std::cout << menu->status << " " << menu->body;

  absl::StatusOr<meshlib::HttpResponse> order =
      mesh.http().Post("http://shop:9080/orders", "application/json", R"({"item":"tea"})");
  if (!order.ok()) return order.status();
  std::cout << order->status << " " << order->body;
  return absl::OkStatus();
}

absl::Status AnyRequest(meshlib::Mesh& mesh) {
  meshlib::HttpRequest request;
  request.method = "PUT";
  request.url = "http://shop:9080/menu/7?draft=1";
  request.headers.Add("x-editor", "ann");
  request.body = "cake";
  absl::StatusOr<meshlib::HttpResponse> answer = mesh.http().Call(std::move(request));
  if (!answer.ok()) return answer.status();
  std::cout << answer->headers.Get("content-type").value_or("no type") << "\n";
  return absl::OkStatus();
}

void TellApart(const absl::StatusOr<meshlib::HttpResponse>& answer) {
  if (answer.ok()) {
    // Somebody answered, be it with 503: a peer, or a route that answers itself.
    std::cout << "answered " << answer->status << "\n";
    return;
  }
  // Nobody did. The text is for people: stage, subject, cause.
  std::cout << answer.status().message() << "\n";
  if (std::optional<meshlib::CallError> error = meshlib::CallErrorOf(answer.status())) {
    std::cout << "flag " << error->flag() << ", a sidecar would have answered "
              << error->http_status << " after " << error->attempts << " attempts\n";
  }
}

absl::StatusOr<meshlib::HttpResponse> WithDeadline(meshlib::Mesh& mesh) {
  return mesh.http().Get("http://shop:9080/menu", {.deadline = absl::Milliseconds(500)});
}

meshlib::HttpResponse OnBehalfOf(meshlib::Mesh& mesh, const meshlib::HttpRequest& request) {
  // Copies x-request-id, traceparent, end-user and their like from `request`.
  auto menu = mesh.http().Get("http://shop:9080/menu",
                              {.parent = &request, .headers = {{"accept", "text/plain"}}});
  if (!menu.ok()) return meshlib::HttpResponse::Text(502, "no menu\n");
  return *std::move(menu);
}

std::vector<int> ManyAtOnce(meshlib::Mesh& mesh, int count) {
  std::vector<meshlib::HttpExchange> exchanges(static_cast<size_t>(count));
  std::vector<std::promise<int>> statuses(exchanges.size());
  for (size_t i = 0; i < exchanges.size(); ++i) {
    exchanges[i].request.url = "http://shop:9080/menu";
    // `done` runs on a loop thread: no blocking Calls, no long work there.
    mesh.http().Start(exchanges[i], [&promise = statuses[i]](meshlib::HttpExchange& exchange) {
      promise.set_value(exchange.status.ok() ? exchange.response.status : 0);
    });
  }
  std::vector<int> results;
  for (std::promise<int>& promise : statuses) results.push_back(promise.get_future().get());
  return results;
}

// A coroutine that nobody waits for; use the task type of your program.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

Detached OneAfterTheOther(meshlib::Mesh& mesh, std::promise<std::string>& result) {
  meshlib::HttpExchange exchange;
  exchange.request.url = "http://shop:9080/menu";
  if (absl::Status status = co_await mesh.http().Await(exchange); !status.ok()) {
    result.set_value(std::string(status.message()));
    co_return;
  }
  exchange.request.url = "http://shop:9080/orders";
  exchange.request.method = "POST";
  exchange.request.body = exchange.response.body;
  absl::Status status = co_await mesh.http().Await(exchange);
  result.set_value(status.ok() ? exchange.response.body : std::string(status.message()));
}

absl::Status Upload(meshlib::Mesh& mesh) {
  meshlib::HttpRequest request;
  request.method = "POST";
  request.url = "http://shop:9080/orders";
  auto stream = mesh.http().OpenBlocking(request, {});
  if (!stream.ok()) return stream.status();
  for (int i = 0; i < 3; ++i) {
    // Waits while the peer does not take more.
    if (absl::Status written = (*stream)->Write("tea\n"); !written.ok()) return written;
  }
  if (absl::Status finished = (*stream)->Finish(); !finished.ok()) return finished;

  absl::StatusOr<const meshlib::HttpResponse*> head = (*stream)->ReadHead();
  if (!head.ok()) return head.status();
  char buffer[4096];
  for (;;) {
    absl::StatusOr<size_t> size = (*stream)->Read(buffer, sizeof(buffer));
    if (!size.ok()) return size.status();
    if (*size == 0) return absl::OkStatus();
    std::cout.write(buffer, static_cast<std::streamsize>(*size));
  }
}

meshlib::HttpResponse Shop(const meshlib::HttpRequest& request) {
  if (request.path() == "/orders") return meshlib::HttpResponse::Text(201, "ordered\n");
  return meshlib::HttpResponse::Text(200, "tea, cake\n");
}

absl::Status Run(meshlib::Mesh& mesh) {
  if (absl::Status status = GetAndPost(mesh); !status.ok()) return status;
  if (absl::Status status = AnyRequest(mesh); !status.ok()) return status;
  TellApart(mesh.http().Get("http://shop:9080/closed"));
  TellApart(mesh.http().Get("http://nowhere:9080/"));
  TellApart(WithDeadline(mesh));
  std::cout << OnBehalfOf(mesh, {}).status << "\n";
  for (const int status : ManyAtOnce(mesh, 4)) std::cout << status << " ";
  std::promise<std::string> result;
  OneAfterTheOther(mesh, result);
  std::cout << "\n" << result.get_future().get();
  return Upload(mesh);
}

}  // namespace

int main() {
  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) return Fail(options.status());
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) return Fail(mesh.status());
  auto server = (*mesh)->ServeHttp({.port = 9080}, Shop);
  if (!server.ok()) return Fail(server.status());
  if (absl::Status status = Run(**mesh); !status.ok()) return Fail(status);
}
