// SPDX-License-Identifier: Apache-2.0
// The version of meshlib.

#ifndef MESHLIB_VERSION_H_
#define MESHLIB_VERSION_H_

#define MESHLIB_VERSION_MAJOR 0
#define MESHLIB_VERSION_MINOR 1
#define MESHLIB_VERSION_PATCH 0
#define MESHLIB_VERSION_STRING "0.1.0"

#endif  // MESHLIB_VERSION_H_
