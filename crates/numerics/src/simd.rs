//! Vector instructions chosen at run time, with the same bits on every processor.

#![expect(clippy::manual_memcpy, reason = "loops over registers, which the compiler unrolls")]

use std::sync::OnceLock;

use pulp::bytemuck::cast;
use pulp::{Arch, Simd, WithSimd};

/// Virtual lanes: one AVX-512 register, two of AVX2, four of NEON. Code that speaks of 16 lanes gives
/// the same bits on all of them.
pub const LANES: usize = 16;

/// Level of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// One value per instruction.
    Scalar,
    /// AVX2 with FMA on x86-64, 8 values of `f32`.
    Avx2,
    /// The best that the processor has.
    Best,
}

/// The instructions that the kernels use, fixed when they are first used.
static CHOSEN: OnceLock<Arch> = OnceLock::new();

/// Limits the kernels of this process to a level, so that results of other processors can be reproduced and
/// tested. Must be called before any kernel runs. Eigen-decompositions and linear solvers of `faer` are not limited.
///
/// # Errors
/// Returns the reason when the processor lacks the level, or kernels have run already.
pub fn limit(level: Level) -> Result<(), &'static str> {
    let arch = match level {
        Level::Best => Arch::new(),
        Level::Scalar => Arch::Scalar,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => {
            Arch::V3(pulp::x86::V3::try_new().ok_or("this processor lacks AVX2 or FMA")?)
        }
        #[cfg(not(target_arch = "x86_64"))]
        Level::Avx2 => return Err("this processor is not x86-64"),
    };
    CHOSEN.set(arch).map_err(|_| "the vector instructions are in use already")
}

/// Limits the kernels of a benchmark to the level that the environment variable `VGAE_SIMD` names, as the command line
/// does: `best`, `avx2` or `scalar`.
///
/// # Errors
/// Returns the reason when there is no such level, or it cannot be set (see [`limit`]).
pub fn limit_by_environment() -> Result<(), &'static str> {
    match std::env::var("VGAE_SIMD").as_deref() {
        Ok("avx2") => limit(Level::Avx2),
        Ok("scalar") => limit(Level::Scalar),
        Ok("best") | Err(_) => Ok(()),
        Ok(_) => Err("VGAE_SIMD: expected `best`, `avx2` or `scalar`, found another value"),
    }
}

/// Returns the vector instructions that the kernels use: the best of this processor, unless [`limit`] was called.
#[inline(always)]
pub fn arch() -> Arch {
    *CHOSEN.get_or_init(Arch::new)
}

/// Runs `work` compiled for the best vector instructions this processor has, see [`arch`].
///
/// Pass `#[inline(always)]` closures and call only `#[inline(always)]` functions in them: what is not
/// inlined is compiled for the oldest processor. Only `Scalar::fused` is fused; the compiler neither
/// contracts nor reorders floating-point operations, so the width of the vectors changes no bit.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    arch().dispatch(work)
}

/// Work written for 16 lanes in `V` registers of whatever size.
pub trait Lanes16 {
    /// The result.
    type Output;

    /// Does the work. Mark it `#[inline(always)]`, for the reason that [`vectorised`] gives.
    fn run<S: Simd, const V: usize>(self, simd: S) -> Self::Output;
}

/// Runs `work` on the best vector instructions this processor has.
#[inline(always)]
pub fn on_16_lanes<W: Lanes16>(work: W) -> W::Output {
    arch().dispatch(Dispatched(work))
}

/// Runs `work` on the given vector instructions, for tests that compare instruction sets.
pub fn on<S: Simd, W: Lanes16>(simd: S, work: W) -> W::Output {
    simd.vectorize(Dispatched(work))
}

/// Number of `f32` per vector instruction on this processor: 16 with AVX-512, 8 with AVX2 and FMA, 4 with NEON,
/// 1 in plain code.
#[must_use]
pub fn lanes() -> usize {
    struct Width;

    impl WithSimd for Width {
        type Output = usize;

        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }

    arch().dispatch(Width)
}

struct Dispatched<W>(W);

impl<W: Lanes16> WithSimd for Dispatched<W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> W::Output {
        match S::F32_LANES {
            16 => self.0.run::<S, 1>(simd),
            8 => self.0.run::<S, 2>(simd),
            4 => self.0.run::<S, 4>(simd),
            2 => self.0.run::<S, 8>(simd),
            _ => self.0.run::<S, 16>(simd),
        }
    }
}

/// 16 lanes in `V` registers.
#[inline(always)]
pub fn load<S: Simd, const V: usize>(simd: S, from: &[f32; LANES]) -> [S::f32s; V] {
    let (from, _) = S::as_simd_f32s(from);
    let mut lanes = [simd.splat_f32s(0.0); V];
    for v in 0..V {
        lanes[v] = from[v];
    }
    lanes
}

/// Stores `V` registers as 16 lanes.
#[inline(always)]
pub fn store<S: Simd, const V: usize>(_: S, to: &mut [f32; LANES], lanes: [S::f32s; V]) {
    let (to, _) = S::as_mut_simd_f32s(to);
    for v in 0..V {
        to[v] = lanes[v];
    }
}

/// `1 / (1 + exp(-x))`, without overflow, to a few units in the last place.
#[inline(always)]
pub fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let e = exp(simd, simd.min_f32s(x, simd.sub_f32s(zero, x)));
    let not_negative = simd.greater_than_or_equal_f32s(x, zero);
    let numerator = simd.select_u32s(not_negative, cast(one), cast(e));
    simd.div_f32s(cast(numerator), simd.add_f32s(one, e))
}

/// `exp(x)` for `x <= 0`, to about 2e-7 relative for `x > -5`; exactly 1 for 0; `exp(-86)` below -86.
///
/// `2^y` with `y = x log2(e) = n + f`, `|f| <= 1/2`: adding 1.5 * 2^23 rounds `y` to an integer, which
/// then stands in the low bits, and `2^n` is an addition to the exponent. The polynomial for `2^f` is the
/// minimax one among those of degree 5 that are 1 at 0 (relative error 9e-8, by the Remez exchange).
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    #[expect(clippy::approx_constant, reason = "the minimax coefficient is not ln 2, only near it")]
    const COEFFICIENTS: [f32; 5] =
        [1.326_472_7e-3, 9.671_513e-3, 5.550_733_6e-2, 0.240_222_42, 0.693_147];
    let round = simd.splat_f32s(12_582_912.0);
    let log2_e = simd.splat_f32s(std::f32::consts::LOG2_E);
    let x = simd.max_f32s(x, simd.splat_f32s(-86.0));
    let rounded = simd.mul_add_f32s(x, log2_e, round);
    let minus_n = simd.sub_f32s(round, rounded);
    // One rounding only: the fused product is exact before n is taken off.
    let f = simd.mul_add_f32s(x, log2_e, minus_n);
    let mut p = simd.splat_f32s(COEFFICIENTS[0]);
    for coefficient in [COEFFICIENTS[1], COEFFICIENTS[2], COEFFICIENTS[3], COEFFICIENTS[4], 1.0] {
        p = simd.mul_add_f32s(p, f, simd.splat_f32s(coefficient));
    }
    let n = simd.wrapping_dyn_shl_u32s(cast(rounded), simd.splat_u32s(23));
    cast(simd.add_u32s(cast(p), n))
}

/// `ln(x)` for normal `x > 0`, to about 2e-7 absolute or relative, whichever is larger.
///
/// With `x = 2^e m`, `sqrt(1/2) <= m < sqrt(2)`, and `t = (m - 1) / (m + 1)`: `ln x = e ln 2 + 2 artanh(t)`, by its
/// series to `t^9` (the next term is below 7e-10).
#[inline(always)]
pub fn ln<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    /// Bits of `sqrt(1/2)`.
    const ROOT: u32 = 0x3f35_04f3;
    let bits: S::u32s = cast(x);
    let above = simd.sub_u32s(bits, simd.splat_u32s(ROOT));
    // The exponent plus 128, so that it is not negative; then as a float by its place below 2^23.
    let exponent = simd.wrapping_dyn_shr_u32s(
        simd.add_u32s(above, simd.splat_u32s(128 << 23)),
        simd.splat_u32s(23),
    );
    let as_float: S::f32s = cast(simd.or_u32s(exponent, simd.splat_u32s(0x4b00_0000)));
    let exponent = simd.sub_f32s(as_float, simd.splat_f32s(8_388_608.0 + 128.0));
    let mantissa = simd.and_u32s(above, simd.splat_u32s(0x007f_ffff));
    let m: S::f32s = cast(simd.add_u32s(mantissa, simd.splat_u32s(ROOT)));
    let one = simd.splat_f32s(1.0);
    let t = simd.div_f32s(simd.sub_f32s(m, one), simd.add_f32s(m, one));
    let square = simd.mul_f32s(t, t);
    let mut series = simd.splat_f32s(1.0 / 9.0);
    for divisor in [7.0, 5.0, 3.0, 1.0] {
        series = simd.mul_add_f32s(series, square, simd.splat_f32s(1.0 / divisor));
    }
    let twice = simd.add_f32s(t, t);
    simd.mul_add_f32s(
        exponent,
        simd.splat_f32s(std::f32::consts::LN_2),
        simd.mul_f32s(twice, series),
    )
}
