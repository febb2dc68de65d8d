# Writes OUTPUT, a C++ source that holds the bytes of FILES (joined by "|") and defines
# std::string_view reckon::NAMESPACE::FUNCTION(std::string_view name), declared in HEADER.
# Run at build time:
#   cmake -DOUTPUT=... -DFILES=a|b -DNAMESPACE=... -DFUNCTION=... -DHEADER=... -P embed_files.cmake
string(REPLACE "|" ";" FILES "${FILES}")
set(arrays "")
set(cases "")
set(index 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "constexpr unsigned char kFile${index}[] = {\n${bytes}0};\n")
  string(APPEND cases "  if (name == \"${name}\") {\n"
         "    return view(kFile${index}, sizeof kFile${index} - 1);\n  }\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}.tmp" "#include \"${HEADER}\"

#include <cstddef>

#include \"core/error.h\"

namespace reckon::${NAMESPACE} {

namespace {

${arrays}
[[maybe_unused]] std::string_view view(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string_view ${FUNCTION}(std::string_view name) {
${cases}  fail(ErrorCode::internal, \"expected an embedded file, got {}\", name);
}

}  // namespace reckon::${NAMESPACE}
")
file(RENAME "${OUTPUT}.tmp" "${OUTPUT}")
