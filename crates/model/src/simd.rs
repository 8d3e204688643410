use pulp::Arch;

/// Runs `work` compiled for the best vector instructions this processor has.
///
/// Pass `#[inline(always)]` closures and call only `#[inline(always)]` functions in them: what is not
/// inlined is compiled for the oldest processor. Only `Scalar::fused` is fused; the compiler neither
/// contracts nor reorders floating-point operations, so the width of the vectors changes no bit.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}
