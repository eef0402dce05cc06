# SPDX-License-Identifier: Apache-2.0
from conan import ConanFile
from conan.tools.gnu import PkgConfig
from conan.tools.system.package_manager import Apt


class SystemGrpc(ConanFile):
    """grpc as the distribution has it: nothing is built, nothing is packaged."""

    name = "grpc"
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"

    def requirements(self):
        self.requires("protobuf/3.21.12", transitive_headers=True, transitive_libs=True)
        self.requires("abseil/20220623.1", transitive_headers=True, transitive_libs=True)

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libgrpc++-dev"], check=True)

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.set_property("cmake_file_name", "gRPC")
        library = self.cpp_info.components["grpc++"]
        library.includedirs = library.libdirs = library.bindirs = []
        library.system_libs = PkgConfig(self, "grpc++").libs
        library.set_property("cmake_target_name", "gRPC::grpc++")
        library.requires = ["protobuf::libprotobuf", "abseil::absl_strings"]
