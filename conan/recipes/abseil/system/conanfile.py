# SPDX-License-Identifier: Apache-2.0
from conan import ConanFile
from conan.tools.gnu import PkgConfig
from conan.tools.system.package_manager import Apt


class SystemAbseil(ConanFile):
    """abseil as the distribution has it: nothing is built, nothing is packaged."""

    name = "abseil"
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libabsl-dev"], check=True)

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.set_property("cmake_file_name", "absl")
        for part in ("any_invocable", "base", "cord", "core_headers", "flat_hash_map",
                     "flat_hash_set", "function_ref", "inlined_vector", "status", "statusor",
                     "str_format", "strings", "synchronization", "time"):
            component = self.cpp_info.components[f"absl_{part}"]
            component.includedirs = component.libdirs = component.bindirs = []
            component.system_libs = PkgConfig(self, f"absl_{part}").libs
            component.set_property("cmake_target_name", f"absl::{part}")
