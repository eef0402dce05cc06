// SPDX-License-Identifier: Apache-2.0
#include "xds/ads_client.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "proto/type_urls.h"

namespace meshlib::xds {

AdsClient::AdsClient(base::EventLoop& loop, AdsTransport& transport,
                     std::unique_ptr<AdsProtocol> protocol, base::Random random,
                     const AdsClientOptions& options, AdsClientObserver* observer)
    : loop_(loop),
      transport_(transport),
      protocol_(std::move(protocol)),
      options_(options),
      observer_(observer),
      random_(random),
      backoff_(options.backoff, random_),
      reconnect_timer_(loop.timers(), [this] { OpenStream(); }),
      status_(absl::UnavailableError(
          absl::StrCat("xds: ", transport.ToString(), ": not connected yet"))),
      self_(std::make_shared<AdsClient*>(this)) {}

AdsClient::~AdsClient() { *self_ = nullptr; }

base::Subscription AdsClient::WatchName(const ResourceType& type, std::string name,
                                        ResourceStore::Callback callback) {
  return StoreOf(type).Watch(std::move(name), std::move(callback));
}

base::Subscription AdsClient::WatchEvery(const ResourceType& type,
                                         ResourceStore::Callback callback) {
  return StoreOf(type).WatchAll(std::move(callback));
}

ResourceStore& AdsClient::StoreOf(const ResourceType& type) {
  if (ResourceStore* store = FindStore(type.type_url)) return *store;
  auto store = std::make_unique<ResourceStore>(loop_, type, options_.does_not_exist_after,
                                               [this] { ScheduleFlush(); });
  const bool first = type.type_url == proto::kListenerTypeUrl;
  return **stores_.insert(first ? stores_.begin() : stores_.end(), std::move(store));
}

ResourceStore* AdsClient::FindStore(std::string_view type_url) const {
  for (const auto& store : stores_) {
    if (store->type().type_url == type_url) return store.get();
  }
  return nullptr;
}

// Changes of one turn of the loop go out as one request.
void AdsClient::ScheduleFlush() {
  if (std::exchange(flush_scheduled_, true)) return;
  loop_.Post([self = self_] {
    if (*self != nullptr) (*self)->Flush();
  });
}

void AdsClient::Flush() {
  flush_scheduled_ = false;
  for (const auto& store : stores_) {
    if (store->UpdateInterest() && stream_ != nullptr) SendInterest(*store);
  }
  if (stream_ == nullptr && !reconnect_timer_.armed()) OpenStream();
}

void AdsClient::OpenStream() {
  protocol_->StartStream();
  connected_ = false;
  received_on_stream_ = false;
  stream_opened_ = loop_.Now();
  stream_ = transport_.Open(protocol_->method(), *this);
  for (const auto& store : stores_) {
    store->UpdateInterest();
    SendInterest(*store);
  }
}

void AdsClient::SendInterest(ResourceStore& store) {
  if (auto request = protocol_->Subscribe(store.type().type_url, store.interest())) {
    stream_->Send(*std::move(request));
  }
  if (connected_) store.StartWaiting();
}

void AdsClient::OnConnected() {
  connected_ = true;
  for (const auto& store : stores_) store->StartWaiting();
  if (observer_ != nullptr) observer_->OnStreamUp();
}

void AdsClient::OnMessage(std::string bytes) {
  const absl::StatusOr<AdsResponse> response = protocol_->Decode(std::move(bytes));
  if (!response.ok()) {
    EndStream(absl::InvalidArgumentError(
                  absl::StrCat(transport_.ToString(), ": ", response.status().message())),
              backoff_.Next());
    return;
  }
  if (!std::exchange(received_on_stream_, true) && observer_ != nullptr) observer_->OnAnswered();
  has_received_ = true;
  status_ = absl::OkStatus();
  backoff_.Reset();
  Handle(*response);
}

void AdsClient::Handle(const AdsResponse& response) {
  ResourceStore* store = FindStore(response.type_url);
  if (store == nullptr) {
    const std::string problem = absl::StrCat(
        "resources of type \"", base::AbslView(response.type_url), "\" were not asked for");
    TellRejected("", response, problem);
    // Without names, an answer of these types would subscribe to everything.
    if (response.type_url == proto::kListenerTypeUrl || response.type_url == proto::kClusterTypeUrl)
      return;
    stream_->Send(protocol_->Answer(response, {}, problem));
    return;
  }
  const std::string problems = store->Apply(response);
  stream_->Send(protocol_->Answer(response, store->interest(), problems));
  if (!problems.empty()) TellRejected(store->type().label, response, problems);
  store->TellWatchers();
}

void AdsClient::TellRejected(std::string_view type_label, const AdsResponse& response,
                             std::string_view problems) {
  if (observer_ != nullptr) observer_->OnRejected(type_label, response.version, problems);
}

void AdsClient::OnClosed(const absl::Status& status) {
  if (!received_on_stream_) {
    EndStream(status.ok() ? absl::UnavailableError(absl::StrCat(transport_.ToString(),
                                                                ": closed without having answered"))
                          : status,
              backoff_.Next());
    return;
  }
  // A stream that was of use and ends is no error (gRPC proposal A57): servers limit their age.
  const absl::Duration age = loop_.Now() - stream_opened_;
  EndStream(absl::OkStatus(), std::max(absl::ZeroDuration(), options_.min_stream_interval - age));
  status_ =
      absl::UnavailableError(absl::StrCat("xds: ", transport_.ToString(), ": the stream has ended",
                                          status.ok() ? "" : ": ", status.message()));
}

void AdsClient::EndStream(absl::Status status, absl::Duration delay) {
  stream_ = nullptr;
  connected_ = false;
  for (const auto& store : stores_) store->StopWaiting();
  status_ = absl::Status(status.code(), absl::StrCat("xds: ", status.message()));
  reconnect_timer_.ArmAt(loop_.Now() + delay);
  if (observer_ != nullptr) observer_->OnStreamDown(status);
}

absl::Status AdsClient::StreamStatus() const { return status_; }

resource::Report AdsClient::Report() const {
  resource::Report report;
  for (const auto& store : stores_) store->AppendReport(report);
  return report;
}

std::vector<ResourceStatus> AdsClient::Dump() const {
  std::vector<ResourceStatus> statuses;
  for (const auto& store : stores_) store->AppendStatus(statuses);
  return statuses;
}

}  // namespace meshlib::xds
