# SPDX-License-Identifier: Apache-2.0
from conan import ConanFile
from conan.tools.gnu import PkgConfig
from conan.tools.system.package_manager import Apt


class SystemRe2(ConanFile):
    """re2 as the distribution has it: nothing is built, nothing is packaged."""

    name = "re2"
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libre2-dev"], check=True)

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        re2 = PkgConfig(self, "re2")
        self.cpp_info.system_libs = re2.libs
        self.cpp_info.cxxflags = re2.cflags
        self.cpp_info.set_property("cmake_target_name", "re2::re2")
