#pragma once

// Calcium's header for C++. Its inline functions (0.4) take memory without a cast, which C allows
// and C++ does not. While it is read, the allocators return something that is any pointer; the
// macros, against the house rule, end with the include.

#include <acb.h>
#include <acb_poly.h>
#include <antic/nf.h>
#include <antic/nf_elem.h>
#include <flint/fmpq.h>
#include <flint/fmpz.h>
#include <flint/fmpz_mpoly.h>
#include <flint/fmpz_mpoly_factor.h>

namespace reckon::rewards::math {

/// Memory that becomes a pointer to whatever is wanted.
struct AnyPointer {
  void* memory;
  template <class T>
  operator T*() const {
    return static_cast<T*>(memory);
  }
};

}  // namespace reckon::rewards::math

#define flint_malloc(size) (reckon::rewards::math::AnyPointer{flint_malloc(size)})
#define flint_realloc(old, size) (reckon::rewards::math::AnyPointer{flint_realloc(old, size)})
#define flint_calloc(count, size) (reckon::rewards::math::AnyPointer{flint_calloc(count, size)})
#include <calcium/ca.h>
#undef flint_malloc
#undef flint_realloc
#undef flint_calloc
