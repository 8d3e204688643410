//! Number types in vector registers.

use std::cell::RefCell;

use pulp::Simd;

/// Number type with vector instructions.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// Vector register.
    type Register<S: Simd>: Copy;

    /// Views values as registers; those that do not fill one are left out.
    fn registers<S: Simd>(values: &[Self]) -> &[Self::Register<S>];
    /// Views values as registers to be written.
    fn registers_mut<S: Simd>(values: &mut [Self]) -> &mut [Self::Register<S>];
    /// Returns a register with `value` in all lanes.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;
    /// Returns `a * b + c` in each lane, rounded once.
    fn fused_registers<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// Runs `work` with the tile that fills the registers of `S`.
    fn with_tile<S: Simd, W: TileWork<Self>>(simd: S, work: W);
    /// Runs `work` with this thread's memory for a packed block. `work` must not multiply matrices itself.
    fn with_packed<T>(work: impl FnOnce(&mut [Self; PACKED]) -> T) -> T;
}

/// Values of a packed block: 32 kB of `f32`.
pub(super) const PACKED: usize = 8192;

#[repr(align(64))]
struct Packed<E>([E; PACKED]);

/// Work on tiles of `R x (G L)` sums, `L` virtual lanes in `V` registers. Rows that do not fill a tile go through
/// tiles of `T` rows, then of one.
pub trait TileWork<E: Element> {
    /// Does the work.
    fn run<
        S: Simd,
        const L: usize,
        const V: usize,
        const R: usize,
        const T: usize,
        const G: usize,
    >(
        self,
        simd: S,
    );
}

macro_rules! element {
    ($type:ty, $lanes:literal, $registers:ident, $count:ident, $as_simd:ident, $as_mut_simd:ident, $splat:ident,
     $mul_add:ident, $($width:tt => $v:literal, $r:literal, $t:literal, $g:literal;)+) => {
        impl Element for $type {
            type Register<S: Simd> = S::$registers;

            #[inline(always)]
            fn registers<S: Simd>(values: &[Self]) -> &[S::$registers] {
                S::$as_simd(values).0
            }

            #[inline(always)]
            fn registers_mut<S: Simd>(values: &mut [Self]) -> &mut [S::$registers] {
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
                match S::$count {
                    $($width => work.run::<S, $lanes, $v, $r, $t, $g>(simd),)+
                }
            }

            fn with_packed<T>(work: impl FnOnce(&mut [Self; PACKED]) -> T) -> T {
                thread_local! {
                    static PLACE: RefCell<Packed<$type>> =
                        const { RefCell::new(Packed([0.0; PACKED])) };
                }
                PLACE.with(|place| work(&mut place.borrow_mut().0))
            }
        }
    };
}

// The sums of a tile fill three quarters of the registers: 32 of AVX-512 and NEON, 16 of AVX2.
element! { f32, 16, f32s, F32_LANES, as_simd_f32s, as_mut_simd_f32s, splat_f32s, mul_add_f32s,
    16 => 1, 12, 4, 2;
    8 => 2, 6, 2, 1;
    4 => 4, 6, 2, 1;
    2 => 8, 1, 1, 1;
    _ => 16, 1, 1, 1;
}
element! { f64, 8, f64s, F64_LANES, as_simd_f64s, as_mut_simd_f64s, splat_f64s, mul_add_f64s,
    8 => 1, 12, 4, 2;
    4 => 2, 6, 2, 1;
    2 => 4, 6, 2, 1;
    _ => 8, 1, 1, 1;
}
