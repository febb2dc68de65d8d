# reckon_exact: FLINT, Arb, Antic and Calcium, linked dynamically (LGPL). Debian names Arb's library
# flint-arb. Only rewards/math sees them.
add_library(reckon_exact INTERFACE)
foreach(library calcium antic flint-arb flint gmp)
  find_library(RECKON_LIB_${library} NAMES ${library} NAMES_PER_DIR)
  if(NOT RECKON_LIB_${library})
    message(FATAL_ERROR "lib${library} not found; scripts/setup installs it.")
  endif()
  mark_as_advanced(RECKON_LIB_${library})
  target_link_libraries(reckon_exact INTERFACE "${RECKON_LIB_${library}}")
endforeach()
