#pragma once

// Owners of the values of FLINT's family. Only the .cpp files of this folder include this.

#include "rewards/math/calcium.h"

namespace reckon::rewards::math {

/// Owner of an fmpz_t.
class Integer {
 public:
  Integer() { fmpz_init(value_); }
  Integer(const Integer& other) { fmpz_init_set(value_, other.value_); }
  Integer(Integer&& other) noexcept : Integer() { fmpz_swap(value_, other.value_); }
  Integer& operator=(Integer other) noexcept {
    fmpz_swap(value_, other.value_);
    return *this;
  }
  ~Integer() { fmpz_clear(value_); }
  fmpz* get() { return value_; }
  const fmpz* get() const { return value_; }

 private:
  fmpz_t value_;
};

/// Owner of an fmpq_t, in lowest terms.
class Fraction {
 public:
  Fraction() { fmpq_init(value_); }
  Fraction(const Fraction& other) : Fraction() { fmpq_set(value_, other.value_); }
  Fraction(Fraction&& other) noexcept : Fraction() { fmpq_swap(value_, other.value_); }
  Fraction& operator=(Fraction other) noexcept {
    fmpq_swap(value_, other.value_);
    return *this;
  }
  ~Fraction() { fmpq_clear(value_); }
  fmpq* get() { return value_; }
  const fmpq* get() const { return value_; }
  const fmpz* numerator() const { return fmpq_numref(value_); }
  const fmpz* denominator() const { return fmpq_denref(value_); }
  bool is_integer() const { return fmpz_is_one(denominator()) != 0; }
  bool is_zero() const { return fmpq_is_zero(value_) != 0; }

 private:
  fmpq_t value_;
};

/// Owner of an acb_t: a rectangle of the complex plane that holds the true value.
class Ball {
 public:
  Ball() { acb_init(value_); }
  Ball(const Ball& other) : Ball() { acb_set(value_, other.value_); }
  Ball(Ball&& other) noexcept : Ball() { acb_swap(value_, other.value_); }
  Ball& operator=(Ball other) noexcept {
    acb_swap(value_, other.value_);
    return *this;
  }
  ~Ball() { acb_clear(value_); }
  acb_ptr get() { return value_; }
  acb_srcptr get() const { return value_; }

 private:
  acb_t value_;
};

/// Owner of a Calcium context. It remembers every number it meets: one per pair.
class ExactContext {
 public:
  ExactContext() {
    ca_ctx_init(value_);
    // Of 4000 random terms equal by construction, absolute values of roots took up to 4 s with the
    // default of 120. Beyond the limit equality is found by 4096 bits instead.
    ca_ctx_set_option(value_, CA_OPT_QQBAR_DEG_LIMIT, 40);
  }
  ExactContext(const ExactContext&) = delete;
  ExactContext& operator=(const ExactContext&) = delete;
  ~ExactContext() { ca_ctx_clear(value_); }
  ca_ctx_struct* get() { return value_; }

 private:
  ca_ctx_t value_;
};

/// Owner of a ca_t; `context` must outlive it.
class Exact {
 public:
  explicit Exact(ExactContext& context) : context_(&context) { ca_init(value_, context.get()); }
  Exact(const Exact& other) : Exact(*other.context_) { ca_set(value_, other.value_, context()); }
  Exact(Exact&& other) noexcept : Exact(*other.context_) {
    ca_swap(value_, other.value_, context());
  }
  Exact& operator=(Exact other) noexcept {
    ca_swap(value_, other.value_, context());
    return *this;
  }
  ~Exact() { ca_clear(value_, context()); }
  ca_struct* get() { return value_; }
  const ca_struct* get() const { return value_; }
  ca_ctx_struct* context() const { return context_->get(); }

 private:
  ExactContext* context_;
  ca_t value_;
};

}  // namespace reckon::rewards::math
