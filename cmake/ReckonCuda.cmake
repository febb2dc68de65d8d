# LibTorch's CUDA half, for the option RECKON_CUDA. The program asks at run time whether there is a
# GPU, so the same binary also runs without one, as long as the libraries below can be loaded.
find_package(CUDAToolkit 13.0 REQUIRED)

set(cuda_libraries "${RECKON_TORCH_ROOT}/lib/libc10_cuda.so"
                   "${RECKON_TORCH_ROOT}/lib/libtorch_cuda.so")
foreach(library IN LISTS cuda_libraries)
  if(NOT EXISTS "${library}")
    message(FATAL_ERROR "RECKON_CUDA needs ${library}: this LibTorch was built without CUDA.")
  endif()
endforeach()

# Nothing of ours names a symbol of these libraries: they announce themselves to LibTorch when they
# are loaded, so the linker must not drop them.
target_link_libraries(reckon_libtorch INTERFACE
  -Wl,--push-state,--no-as-needed ${cuda_libraries} -Wl,--pop-state CUDA::cudart)

# What libtorch_cuda needs comes from the toolkit, or else from wheels (`scripts/setup --cuda`).
# The old kind of run-time path also serves the libraries that need each other.
target_link_options(reckon_libtorch INTERFACE -Wl,--disable-new-dtags)
foreach(folder "${CUDAToolkit_LIBRARY_DIR}"
        "${RECKON_TORCH_ROOT}/../nvidia/cudnn/lib" "${RECKON_TORCH_ROOT}/../nvidia/nccl/lib"
        "${RECKON_TORCH_ROOT}/../nvidia/cusparselt/lib"
        "${RECKON_TORCH_ROOT}/../nvidia/nvshmem/lib" "${RECKON_TORCH_ROOT}/../nvidia/cu13/lib")
  if(IS_DIRECTORY "${folder}")
    target_link_options(reckon_libtorch INTERFACE "-Wl,-rpath,${folder}"
                                                  "-Wl,-rpath-link,${folder}")
  endif()
endforeach()

# Libraries that neither has do not stop the link; without them the program does not start.
set(missing "")
foreach(name libcublas.so.13 libcublasLt.so.13 libcudnn.so.9 libcufft.so.12 libcurand.so.10
        libcusparse.so.12 libcusparseLt.so.0 libcufile.so.0 libnccl.so.2 libnvshmem_host.so.3)
  find_library(found_${name} NAMES "${name}" NO_CACHE
    PATHS "${CUDAToolkit_LIBRARY_DIR}" "${RECKON_TORCH_ROOT}/../nvidia/cudnn/lib"
          "${RECKON_TORCH_ROOT}/../nvidia/nccl/lib" "${RECKON_TORCH_ROOT}/../nvidia/cusparselt/lib"
          "${RECKON_TORCH_ROOT}/../nvidia/nvshmem/lib" "${RECKON_TORCH_ROOT}/../nvidia/cu13/lib")
  if(NOT found_${name})
    list(APPEND missing "${name}")
  endif()
endforeach()
if(missing)
  list(JOIN missing ", " missing)
  message(WARNING "not found, needed to start the program: ${missing}. Run scripts/setup --cuda.")
  target_link_options(reckon_libtorch INTERFACE -Wl,--allow-shlib-undefined
                      -Wl,--unresolved-symbols=ignore-in-shared-libs)
endif()
