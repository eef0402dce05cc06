# SPDX-License-Identifier: Apache-2.0
from conan import ConanFile
from conan.tools.gnu import PkgConfig
from conan.tools.system.package_manager import Apt


class SystemYamlCpp(ConanFile):
    """yaml-cpp as the distribution has it: nothing is built, nothing is packaged."""

    name = "yaml-cpp"
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libyaml-cpp-dev"], check=True)

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.system_libs = PkgConfig(self, "yaml-cpp").libs
        # A target named like its library would hide it.
        self.cpp_info.set_property("cmake_target_name", "yaml-cpp::yaml-cpp")
