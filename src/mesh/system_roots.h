// SPDX-License-Identifier: Apache-2.0
// FindSystemRoots(): the CAs that this machine trusts.

#ifndef MESHLIB_MESH_SYSTEM_ROOTS_H_
#define MESHLIB_MESH_SYSTEM_ROOTS_H_

#include <string>

namespace meshlib::mesh {

// The PEM file where distributions keep them; empty: there is none at any usual place.
std::string FindSystemRoots();

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_SYSTEM_ROOTS_H_
