# SPDX-License-Identifier: Apache-2.0
from conan import ConanFile
from conan.tools.gnu import PkgConfig
from conan.tools.system.package_manager import Apt


class SystemCAres(ConanFile):
    """c-ares as the distribution has it: nothing is built, nothing is packaged."""

    name = "c-ares"
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libc-ares-dev"], check=True)

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        cares = self.cpp_info.components["cares"]
        cares.includedirs = cares.libdirs = cares.bindirs = []
        cares.system_libs = PkgConfig(self, "libcares").libs
        cares.set_property("cmake_target_name", "c-ares::cares")
