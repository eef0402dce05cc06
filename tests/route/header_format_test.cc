// SPDX-License-Identifier: Apache-2.0
#include "route/header_format.h"

#include <gtest/gtest.h>

#include "route/header_command.h"

namespace meshlib::route {
namespace {

// What a real Envoy 1.40 takes and refuses.
TEST(HeaderFormatTest, AcceptsWhatEnvoyAccepts) {
  for (const char* format : {"",
                             "plain",
                             "%%",
                             "a%%b",
                             "%REQ(a)%",
                             "%REQ(a?b)%",
                             "%REQ(?b)%",
                             "%REQ(a?)%",
                             "%REQ(:path)%",
                             "%REQ(a):0%",
                             "%REQ(a)%%%",
                             "%REQ(a)%x%RESP(b):3%y",
                             "%PROTOCOL%",
                             "%PROTOCOL()%",
                             "%PATH(NQ:ORIG)%",
                             "%PATH(:PATH):2%",
                             "%QUERY_PARAMS(ORIG):3%",
                             "%START_TIME(%s.%3f)%",
                             "%START_TIME()%",
                             "%UPSTREAM_METADATA([\"a\", \"b\"])%",
                             "%DYNAMIC_METADATA(a:b):3%",
                             "%GRPC_STATUS(NUMBER)%",
                             "%COMMON_DURATION(A:B:ms)%",
                             "%FILTER_STATE(a:PLAIN)%",
                             "%METADATA(ROUTE:a:b)%",
                             "%REQUESTED_SERVER_NAME(SNI_FIRST)%",
                             "%PER_REQUEST_STATE(x)%",
                             "%REQ(a%b)%",
                             "%ENVIRONMENT(PATH)%"}) {
    EXPECT_TRUE(ValidateHeaderFormat(format).ok()) << format;
  }
}

TEST(HeaderFormatTest, RefusesWhatEnvoyRefuses) {
  for (const char* format : {"%",
                             "100%",
                             "% %",
                             "%%%",
                             "a%b%c",
                             "%REQ(a",
                             "%REQ(a)",
                             "%REQ (a)%",
                             "%req(a)%",
                             "%REQ(a) %",
                             "%REQ(a)%%",
                             "%REQ(a):%",
                             "%REQ(a):99999999999999999999%",
                             "%REQ()%",
                             "%REQ%",
                             "%REQ(a?b?c)%",
                             "%REQ(a b)%",
                             "%REQ(a:b)%",
                             "%REQ(a)b)%",
                             "%REQ(a\tb)%",
                             "%FOO%",
                             "%FOO(a)%",
                             "%PROTOCOL(a)%",
                             "%PROTOCOL:3%",
                             "%PATH(XX)%",
                             "%PATH(WQ:NO)%",
                             "%GRPC_STATUS(NO)%",
                             "%START_TIME:3%",
                             "%UPSTREAM_METADATA(a):3%",
                             "%FILTER_STATE()%",
                             "%FILTER_STATE(a:NO)%",
                             "%METADATA(NO:a)%",
                             "%COMMON_DURATION(A:B:s)%",
                             "%COMMON_DURATION(A)%",
                             "%QUERY_PARAM()%",
                             "%REQUESTED_SERVER_NAME(NO)%",
                             "%COALESCE(a)%"}) {
    EXPECT_FALSE(ValidateHeaderFormat(format).ok()) << format;
  }
}

TEST(HeaderFormatTest, SaysWhereTheMistakeIs) {
  EXPECT_EQ(ValidateHeaderFormat("ab%c").message(), "\"ab%c\": no valid command at position 2");
  EXPECT_EQ(ValidateHeaderFormat("%FOO%").message(), "FOO is no known command");
}

TEST(HeaderFormatTest, GivesCommandsTheirValues) {
  const Headers headers = {{"x-a", "first"}, {"x-a", "second"}, {"x-e", ""}};
  const Headers response = {{"x-one", "peer"}};
  const RequestHead head{"GET", "/p%20q/x?a=b%20c&a=2&e", "shop:80", "http", &headers};
  FormatContext context;
  context.request = &head;
  context.response = &response;
  context.response_code = 200;
  context.route_name = "r0";
  context.cluster = "red";
  context.endpoint = "[::1]:9080";
  context.peer_address = "127.0.0.1:40000";
  context.start_time = absl::FromUnixMillis(1'700'000'000'123);
  const struct {
    const char* format;
    const char* value;
  } rows[] = {
      {"%REQ(x-a)%", "first"},
      {"%REQ(X-A):3%", "fir"},
      {"%REQ(x-a):0%", ""},
      {"[%REQ(x-none)%]", "[]"},
      {"%REQ(x-none?x-a)%", "first"},
      {"%REQ(x-e?x-a)%", ""},
      {"%REQ(:path)%", "/p%20q/x?a=b%20c&a=2&e"},
      {"%REQ(:METHOD)% %REQ(host)% %REQ(:scheme)%", "GET shop:80 http"},
      {"%REQUEST_HEADER(x-a)%", "first"},
      {"%RESP(x-one)%", "peer"},
      {"%PATH(NQ)%", "/p%20q/x"},
      {"%PATH(NQ:ORIG)%", ""},
      {"%QUERY_PARAM(a)%", "b c"},
      {"%QUERY_PARAM(none)%", ""},
      {"%QUERY_PARAMS%", "a=b%20c&a=2&e"},
      {"%PROTOCOL%", "HTTP/1.1"},
      {"%ROUTE_NAME%/%UPSTREAM_CLUSTER%", "r0/red"},
      {"%RESPONSE_CODE%", "200"},
      {"%RESPONSE_FLAGS%", "-"},
      {"%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "1"},
      {"%UPSTREAM_HOST%", "[::1]:9080"},
      {"%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "::1"},
      {"%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "127.0.0.1"},
      {"%DOWNSTREAM_REMOTE_PORT%", "40000"},
      {"%START_TIME%", "2023-11-14T22:13:20.123Z"},
      {"%START_TIME(%s.%3f)%", "1700000000.123"},
      {"a%%b", "a%b"},
      {"%DYNAMIC_METADATA(a:b)%", ""},
  };
  for (const auto& row : rows) {
    std::string out;
    AppendHeaderFormat(row.format, context, out);
    EXPECT_EQ(out, row.value) << row.format;
  }
}

TEST(HeaderFormatTest, NamesWhatHasNoMeaningInALibrary) {
  EXPECT_TRUE(IsHeaderFormatSupported("%REQ(a)%-%PROTOCOL%"));
  EXPECT_FALSE(IsHeaderFormatSupported("%REQ(a)%-%DYNAMIC_METADATA(a)%"));
}

}  // namespace
}  // namespace meshlib::route
