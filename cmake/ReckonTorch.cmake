# LibTorch from the wheel as an imported target of our own. The wheel's find_package(Torch) wants a
# CUDA toolkit even for a CPU program, so it is not used.
find_path(RECKON_TORCH_INCLUDE torch/csrc/autograd/custom_function.h
          HINTS "${RECKON_DEPS}/torch/include" PATH_SUFFIXES include)
if(NOT RECKON_TORCH_INCLUDE)
  message(FATAL_ERROR "LibTorch not found in ${RECKON_DEPS} nor in CMAKE_PREFIX_PATH. "
                      "Run scripts/setup first.")
endif()
get_filename_component(RECKON_TORCH_ROOT "${RECKON_TORCH_INCLUDE}" DIRECTORY)

# fmt, header-only, in the one version that LibTorch carries. Torch-free targets get a folder that
# holds fmt/ and nothing else, so that no torch header can slip in.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/fmt_only")
file(CREATE_LINK "${RECKON_TORCH_INCLUDE}/fmt" "${PROJECT_BINARY_DIR}/fmt_only/fmt" SYMBOLIC)
add_library(reckon_fmt INTERFACE)
target_include_directories(reckon_fmt SYSTEM INTERFACE "${PROJECT_BINARY_DIR}/fmt_only")
target_compile_definitions(reckon_fmt INTERFACE FMT_HEADER_ONLY=1)

if(RECKON_TORCH)
  add_library(reckon_libtorch INTERFACE)
  target_include_directories(reckon_libtorch SYSTEM INTERFACE
    "${RECKON_TORCH_INCLUDE}" "${RECKON_TORCH_INCLUDE}/torch/csrc/api/include")
  target_link_libraries(reckon_libtorch INTERFACE
    "${RECKON_TORCH_ROOT}/lib/libtorch_cpu.so" "${RECKON_TORCH_ROOT}/lib/libc10.so"
    Threads::Threads)
  if(RECKON_CUDA)
    include(ReckonCuda)
  endif()
  # libtorch_cpu itself needs the two CUDA runtime wheels that lie beside it.
  target_link_options(reckon_libtorch INTERFACE
    "-Wl,-rpath,${RECKON_TORCH_ROOT}/lib"
    "-Wl,-rpath-link,${RECKON_TORCH_ROOT}/lib"
    "-Wl,-rpath-link,${RECKON_TORCH_ROOT}/../nvidia/cu13/lib")

  # Identical flags on every torch target: they share one precompiled header.
  add_library(reckon_torch_options INTERFACE)
  target_link_libraries(reckon_torch_options INTERFACE reckon_libtorch OpenMP::OpenMP_CXX)
  target_compile_definitions(reckon_torch_options INTERFACE FMT_HEADER_ONLY=1)
  # GCC 12 warns falsely inside its own AVX-512 intrinsics.
  target_compile_options(reckon_torch_options INTERFACE -ffp-contract=fast
                                                        -Wno-maybe-uninitialized)
  if(RECKON_HAS_AVX512)
    target_compile_definitions(reckon_torch_options INTERFACE CPU_CAPABILITY=AVX512
                                                              CPU_CAPABILITY_AVX512)
  elseif(RECKON_HAS_AVX2)
    target_compile_definitions(reckon_torch_options INTERFACE CPU_CAPABILITY=AVX2
                                                              CPU_CAPABILITY_AVX2)
  else()
    target_compile_definitions(reckon_torch_options INTERFACE CPU_CAPABILITY=DEFAULT
                                                              CPU_CAPABILITY_DEFAULT)
  endif()
endif()
