//! Number types in vector registers.

use pulp::Simd;

use crate::simd::LANES;

/// Number type with vector instructions: 16 virtual lanes of it are as many registers as the processor needs.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// Vector register.
    type Register<S: Simd>: Copy;

    /// Views 16 lanes as registers.
    fn registers<S: Simd>(values: &[Self; LANES]) -> &[Self::Register<S>];
    /// Views 16 lanes as registers to be written.
    fn registers_mut<S: Simd>(values: &mut [Self; LANES]) -> &mut [Self::Register<S>];
    /// Returns a register with `value` in all lanes.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;
    /// Returns `a * b + c` in each lane, rounded once.
    fn fused_registers<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// Runs `work` with the registers of `S` and the tile that fills them.
    fn with_tile<S: Simd, W: TileWork<Self>>(simd: S, work: W);
}

/// Work on tiles of `R x 16 G` sums, 16 lanes in `V` registers. Rows that do not fill a tile go through tiles of
/// `T` rows, then of one.
pub trait TileWork<E: Element> {
    /// Does the work.
    fn run<S: Simd, const V: usize, const R: usize, const T: usize, const G: usize>(self, simd: S);
}

macro_rules! element {
    ($type:ty, $registers:ident, $lanes:ident, $as_simd:ident, $as_mut_simd:ident, $splat:ident, $mul_add:ident,
     $($width:tt => $v:literal, $r:literal, $t:literal, $g:literal;)+) => {
        impl Element for $type {
            type Register<S: Simd> = S::$registers;

            #[inline(always)]
            fn registers<S: Simd>(values: &[Self; LANES]) -> &[S::$registers] {
                S::$as_simd(values).0
            }

            #[inline(always)]
            fn registers_mut<S: Simd>(values: &mut [Self; LANES]) -> &mut [S::$registers] {
                S::$as_mut_simd(values).0
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$registers {
                simd.$splat(value)
            }

            #[inline(always)]
            fn fused_registers<S: Simd>(
                simd: S,
                a: S::$registers,
                b: S::$registers,
                c: S::$registers,
            ) -> S::$registers {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn with_tile<S: Simd, W: TileWork<Self>>(simd: S, work: W) {
                match S::$lanes {
                    $($width => work.run::<S, $v, $r, $t, $g>(simd),)+
                }
            }
        }
    };
}

// The sums of a tile fill three quarters of the registers: 32 of AVX-512 and NEON, 16 of AVX2.
element! { f32, f32s, F32_LANES, as_simd_f32s, as_mut_simd_f32s, splat_f32s, mul_add_f32s,
    16 => 1, 12, 4, 2;
    8 => 2, 6, 2, 1;
    4 => 4, 6, 2, 1;
    2 => 8, 1, 1, 1;
    _ => 16, 1, 1, 1;
}
element! { f64, f64s, F64_LANES, as_simd_f64s, as_mut_simd_f64s, splat_f64s, mul_add_f64s,
    8 => 2, 12, 4, 1;
    4 => 4, 3, 1, 1;
    2 => 8, 3, 1, 1;
    _ => 16, 1, 1, 1;
}
