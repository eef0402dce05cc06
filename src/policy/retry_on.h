// SPDX-License-Identifier: Apache-2.0
// RetryOn as text: the tokens of retry_on and x-envoy-retry-on.

#ifndef MESHLIB_POLICY_RETRY_ON_H_
#define MESHLIB_POLICY_RETRY_ON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace meshlib::policy {

// The RetryOn bits of a list like "5xx, connect-failure". Tokens of x-envoy-retry-on and of
// x-envoy-retry-grpc-on are taken alike; unknown ones are left out, as Envoy does.
uint32_t ParseRetryOn(std::string_view tokens);

// "connect-failure,refused-stream", in the order of the RetryOn bits.
std::string RetryOnToString(uint32_t retry_on);

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_RETRY_ON_H_
