#!/usr/bin/env python3
"""Writes rewards/script_ranges.cpp: which script each letter of Unicode belongs to.

    scripts/make_script_ranges.py

The script of a letter is the first word of its name in Python's unicodedata. Ranges that only
unassigned characters and characters without a script separate are joined, so that the table stays
small. Run it again for a newer Unicode; the table names the version it was made from.
"""

import pathlib
import unicodedata

SCRIPTS = ["latin", "greek", "cyrillic", "armenian", "hebrew", "arabic", "devanagari", "bengali",
           "gurmukhi", "gujarati", "tamil", "telugu", "kannada", "malayalam", "sinhala", "thai",
           "lao", "tibetan", "myanmar", "georgian", "ethiopic", "khmer", "mongolian", "hangul",
           "hiragana", "katakana", "han", "other", "inherited"]
HAN = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC ITERATION", "IDEOGRAPHIC CLOSING",
       "IDEOGRAPHIC NUMBER ZERO", "VERTICAL IDEOGRAPHIC ITERATION")
# Letters of formulas and signs made of letters: they are no writing in any language.
SIGNS = ("MATHEMATICAL", "ARABIC MATHEMATICAL", "MODIFIER", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "MICRO SIGN",
         "OHM SIGN", "KELVIN SIGN", "ANGSTROM SIGN", "EULER CONSTANT", "PLANCK", "TURNED",
         "INFORMATION SOURCE", "FEMININE ORDINAL", "MASCULINE ORDINAL", "ALEF SYMBOL", "BET SYMBOL",
         "GIMEL SYMBOL", "DALET SYMBOL", "ROTATED CAPITAL")
PREFIXES = ("FULLWIDTH ", "HALFWIDTH ", "SUPERSCRIPT ", "SUBSCRIPT ", "PRESENTATION FORM FOR ")
OUT = pathlib.Path(__file__).resolve().parents[1] / "rewards" / "script_ranges.cpp"


def script(character):
    """Name of the script, or None for what is no letter."""
    name = unicodedata.name(character, "")
    kind = unicodedata.category(character)[0]
    if kind not in "LM" or not name or name.startswith(SIGNS):
        return None
    if name.startswith(("COMBINING", "VARIATION SELECTOR")):
        return "inherited"
    if name.startswith(HAN):
        return "han"
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    first = name.replace("-", " ").split()[0].lower()
    return first if first in SCRIPTS else "other"


def ranges():
    """[first, last, script], in order."""
    found = []
    for code in range(0x110000):
        name = script(chr(code))
        if name is None:
            continue
        gap_has_text = found and any(
            unicodedata.category(chr(c)) != "Cn" for c in range(found[-1][1] + 1, code))
        if found and found[-1][2] == name and not gap_has_text:
            found[-1][1] = code
        else:
            found.append([code, code, name])
    return found


def main():
    rows = [f"{{0x{first:X}, 0x{last:X}, S::{name}}}," for first, last, name in ranges()]
    lines, line = [], "   "
    for row in rows:
        if len(line) + 1 + len(row) > 99:
            lines.append(line)
            line = "   "
        line += " " + row
    lines.append(line)
    OUT.write_text(f"""// Made by scripts/make_script_ranges.py from Unicode {unicodedata.unidata_version}.
#include "rewards/script.h"

namespace reckon::rewards {{

namespace {{

using S = Script;

// clang-format off
constexpr ScriptRange kRanges[] = {{
""" + "\n".join(lines) + """
};
// clang-format on

}  // namespace

std::span<const ScriptRange> script_ranges() { return kRanges; }

}  // namespace reckon::rewards
""")
    print(f"{OUT}: {len(rows)} ranges, {len(lines)} lines")


if __name__ == "__main__":
    main()
