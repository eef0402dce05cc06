# SPDX-License-Identifier: Apache-2.0
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, get, load
from conan.tools.scm import Version

required_conan_version = ">=2.4"


class MeshlibConan(ConanFile):
    """The recipe of meshlib: with the dependencies of ConanCenter, or with a distribution's own
    through a profile with platform_requires (profiles/debian12-system).

    Configuration, all of it optional:
      user.meshlib:boringssl_source_dir   an unpacked BoringSSL, instead of the one in conandata.yml
      user.meshlib:boringssl_from=debian  Debian's source package, fetched with apt-get, instead
    """

    name = "meshlib"
    description = "Service mesh membership without a sidecar proxy"
    license = "Apache-2.0"
    topics = ("service-mesh", "xds", "istio", "http")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {
        "shared": False,
        "fPIC": True,
        "grpc/*:csharp_plugin": False,
        "grpc/*:node_plugin": False,
        "grpc/*:objective_c_plugin": False,
        "grpc/*:php_plugin": False,
        "grpc/*:python_plugin": False,
        "grpc/*:ruby_plugin": False,
    }

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "..", "CMakeLists.txt"))
        self.version = re.search(r"project\(meshlib VERSION ([0-9.]+)", text).group(1)

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..")
        for pattern in ("CMakeLists.txt", "LICENSE*", "NOTICE*", "cmake/*", "include/*", "src/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")
            # abseil is part of the API, gRPC and protobuf have global state: one copy of each in a
            # process, for libmeshlib and for the program that uses it.
            for name in ("abseil", "protobuf", "grpc"):
                self.options[name].shared = True

    def layout(self):
        self.folders.root = ".."  # the project is one folder above this file
        cmake_layout(self)
        # conan editable: the build tree is a CMake package of its own.
        core = self.cpp.build.components["meshlib"]
        core.builddirs = ["package"]
        core.libdirs = ["src"]
        self.cpp.source.components["meshlib"].includedirs = ["include"]

    def requirements(self):
        # gRPC first: its choice of versions is everybody's. The ranges bound what meshlib compiles
        # against.
        self.requires("grpc/[>=1.50 <2]")
        self.requires("protobuf/[>=3.21 <7]")
        self.requires("abseil/[>=20220623]", transitive_headers=True, transitive_libs=True)
        self.requires("c-ares/[>=1.18 <2]")
        self.requires("re2/[>=20220601]")
        self.requires("yaml-cpp/[>=0.7 <1]")

    def build_requirements(self):
        self.tool_requires("protobuf/<host_version>")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("meshlib supports Linux only")
        compiler, version = str(self.settings.compiler), Version(self.settings.compiler.version)
        least = {"gcc": "12", "clang": "16"}.get(compiler)
        if least and version < least:
            raise ConanInvalidConfiguration(
                f"meshlib needs gcc 12 or newer, or clang 16 or newer; this is {compiler} {version}")

    @property
    def _boringssl(self):  # where a checkout of meshlib has it as well
        return os.path.join(self.source_folder, "build", "boringssl-source")

    def source(self):
        if self.conf.get("user.meshlib:boringssl_source_dir"):
            return
        if self.conf.get("user.meshlib:boringssl_from") == "debian":
            script = os.path.join(self.source_folder, "cmake", "boringssl", "fetch_boringssl.sh")
            self.run(f'sh "{script}" "{self._boringssl}"')
        else:
            get(self, **self.conan_data["boringssl"], strip_root=True, destination=self._boringssl)

    def generate(self):
        given = self.conf.get("user.meshlib:boringssl_source_dir")
        if given and not os.path.lexists(self._boringssl):
            os.makedirs(os.path.dirname(self._boringssl), exist_ok=True)
            os.symlink(given, self._boringssl)
        toolchain = CMakeToolchain(self)
        for part in ("TESTS", "TOOLS", "EXAMPLES", "BENCH"):
            toolchain.cache_variables[f"MESHLIB_BUILD_{part}"] = False
        toolchain.cache_variables["MESHLIB_BORINGSSL_SOURCE_DIR"] = self._boringssl
        toolchain.user_presets_path = False
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        for pattern in ("LICENSE*", "NOTICE*"):
            copy(self, pattern, self.source_folder, os.path.join(self.package_folder, "licenses"))
        boringssl_license = os.path.realpath(os.path.join(self._boringssl, "LICENSE"))  # a link
        copy(self, "LICENSE", os.path.dirname(boringssl_license),
             os.path.join(self.package_folder, "licenses", "boringssl"))
        CMake(self).install()

    def package_info(self):
        # find_package(meshlib) finds meshlib's own configuration: it also works where dependencies
        # come from the system and Conan knows nothing of them.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.set_property("cmake_file_name", "meshlib")
        core = self.cpp_info.components["meshlib"]
        core.set_property("cmake_target_name", "meshlib::meshlib")
        core.set_property("pkg_config_name", "meshlib")
        core.builddirs = [os.path.join("lib", "cmake", "meshlib")]
        core.libs = ["meshlib"]
        core.system_libs = ["pthread", "m"]
        core.requires = ["grpc::grpc++", "protobuf::libprotobuf", "abseil::abseil", "c-ares::cares",
                         "re2::re2", "yaml-cpp::yaml-cpp"]
