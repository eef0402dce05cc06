// SPDX-License-Identifier: Apache-2.0
// Headers to add and to remove.

#ifndef MESHLIB_XDS_DECODE_HEADER_MUTATION_H_
#define MESHLIB_XDS_DECODE_HEADER_MUTATION_H_

#include <string>
#include <string_view>

#include "google/protobuf/repeated_ptr_field.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"
#include "resource/header_mutation.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

using HeaderAdditions =
    google::protobuf::RepeatedPtrField<envoy::config::core::v3::HeaderValueOption>;
using HeaderRemovals = google::protobuf::RepeatedPtrField<std::string>;

// `fields`: "request_headers" for request_headers_to_add and request_headers_to_remove.
resource::HeaderMutations DecodeHeaderMutations(const HeaderAdditions& add,
                                                const HeaderRemovals& remove,
                                                std::string_view fields, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_HEADER_MUTATION_H_
