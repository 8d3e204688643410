//! An allocator that has little to give, so that a reader which believes a claim in a header is found out.
//!
//! A request that is too large gets nothing, as on a machine without memory: `try_reserve` says so to its
//! caller, and everything else ends the process, which is a finding.

use std::alloc::{GlobalAlloc, Layout, System};

/// The largest piece there is: 256 MiB. Inputs are a few kilobytes.
const LARGEST: usize = 1 << 28;

struct Small;

#[global_allocator]
static MEMORY: Small = Small;

// SAFETY: every call goes on to the system's allocator as it came, or gets the null pointer that stands for
// "no memory".
unsafe impl GlobalAlloc for Small {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGEST {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGEST {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > LARGEST {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from the system's allocator, by one of the above.
        unsafe { System.dealloc(pointer, layout) }
    }
}
