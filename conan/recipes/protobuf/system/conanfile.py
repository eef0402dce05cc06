# SPDX-License-Identifier: Apache-2.0
import os

from conan import ConanFile
from conan.tools.files import save
from conan.tools.gnu import PkgConfig
from conan.tools.system.package_manager import Apt

PROTOC = """if(NOT TARGET protobuf::protoc)
  find_program(PROTOC protoc REQUIRED)
  add_executable(protobuf::protoc IMPORTED)
  set_property(TARGET protobuf::protoc PROPERTY IMPORTED_LOCATION "${PROTOC}")
endif()
"""


class SystemProtobuf(ConanFile):
    """protobuf as the distribution has it: packaged is only where CMake finds its compiler."""

    name = "protobuf"
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libprotobuf-dev", "protobuf-compiler"], check=True)

    def package(self):
        save(self, os.path.join(self.package_folder, "cmake", "protoc.cmake"), PROTOC)

    def package_info(self):
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.set_property("cmake_find_mode", "both")
        self.cpp_info.set_property("cmake_module_file_name", "Protobuf")
        self.cpp_info.set_property("cmake_file_name", "protobuf")
        self.cpp_info.set_property("cmake_build_modules", [os.path.join("cmake", "protoc.cmake")])
        library = self.cpp_info.components["libprotobuf"]
        library.includedirs = library.libdirs = library.bindirs = []
        library.system_libs = [*PkgConfig(self, "protobuf").libs, "pthread"]
        library.set_property("cmake_target_name", "protobuf::libprotobuf")
