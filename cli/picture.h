#pragma once

#include <string>

namespace reckon::cli {

/// An SVG picture as PNG with a white ground, twice as large, made by rsvg-convert. Throws
/// Error(not_found), which says what to install, where that program is missing; Error(io) where it
/// fails.
std::string png_of_svg(const std::string& svg);

}  // namespace reckon::cli
