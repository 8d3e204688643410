//! The stack machine: opcodes to values in an arena.

use std::collections::HashMap;

use super::values::{Body, Compound, Global, Item};
use crate::FormatError;

/// The deepest and largest claims are bounded by the file itself; this bounds the file, so that positions
/// fit `u32`.
const MAX_BYTES: usize = u32::MAX as usize;

/// The longest module or class name read before giving up.
const MAX_NAME: usize = 256;

/// A read pickle: its values, and the input they point into.
#[derive(Debug)]
pub struct Pickle<'a> {
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) arena: Vec<Compound>,
    pub(super) root: Item,
}

impl<'a> Pickle<'a> {
    /// Reads `bytes`; `name` is the file's name, for errors.
    ///
    /// # Errors
    /// When the file is truncated, names a global or an opcode that is not known, or breaks the rules of
    /// the stack machine. Every error names the byte.
    pub fn read(name: &'a str, bytes: &'a [u8]) -> Result<Self, FormatError> {
        if bytes.len() > MAX_BYTES {
            return Err(FormatError::whole(name, "a pickle below 4 GiB", bytes.len().to_string()));
        }
        let mut machine = Machine {
            name,
            bytes,
            at: 0,
            opcode_at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            arena: Vec::new(),
        };
        let root = machine.run()?;
        Ok(Self { name, bytes, arena: machine.arena, root })
    }
}

struct Machine<'a> {
    name: &'a str,
    bytes: &'a [u8],
    at: usize,
    opcode_at: usize,
    stack: Vec<Item>,
    /// Heights of the stack at each open `MARK`.
    marks: Vec<usize>,
    memo: HashMap<u32, Item>,
    arena: Vec<Compound>,
}

type Result<T, E = FormatError> = std::result::Result<T, E>;

impl<'a> Machine<'a> {
    fn run(&mut self) -> Result<Item> {
        self.header()?;
        loop {
            self.opcode_at = self.at;
            let opcode = self.byte()?;
            if opcode == b'.' {
                return self.stop();
            }
            self.step(opcode)?;
        }
    }

    fn header(&mut self) -> Result<()> {
        match self.bytes {
            [0x80, 2, ..] => self.at = 2,
            [0x80, version, ..] => {
                return self.fault("pickle protocol 2", format!("protocol {version}"));
            }
            [] => return self.fault("a pickle", "an empty file"),
            [other, ..] => {
                return self.fault(
                    "a pickle of protocol 2 (which starts with byte 0x80)",
                    format!("byte {other:#04x}"),
                );
            }
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<Item> {
        if self.at != self.bytes.len() {
            let rest = self.bytes.len() - self.at;
            return self.fault("the end of the file after STOP", format!("{rest} more bytes"));
        }
        match (self.stack.as_slice(), self.marks.as_slice()) {
            ([root], []) => Ok(*root),
            (stack, marks) => {
                let found = format!("{} values and {} open marks", stack.len(), marks.len());
                self.fault("one value on the stack at STOP", found)
            }
        }
    }

    fn step(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            // Constants.
            b'N' => self.stack.push(Item::None),
            0x88 => self.stack.push(Item::Bool(true)),
            0x89 => self.stack.push(Item::Bool(false)),
            b'K' => {
                let value = i64::from(self.byte()?);
                self.stack.push(Item::Int(value));
            }
            b'M' => {
                let value = i64::from(u16::from_le_bytes(self.array()?));
                self.stack.push(Item::Int(value));
            }
            b'J' => {
                let value = i64::from(i32::from_le_bytes(self.array()?));
                self.stack.push(Item::Int(value));
            }
            0x8a => self.long()?,
            b'G' => {
                let value = f64::from_be_bytes(self.array()?);
                self.stack.push(Item::Float(value));
            }
            // Strings.
            b'U' => {
                let len = usize::from(self.byte()?);
                self.string(len)?;
            }
            b'T' => {
                let len = i32::from_le_bytes(self.array()?);
                match usize::try_from(len) {
                    Ok(len) => self.string(len)?,
                    Err(_) => return self.fault("a string length", len.to_string()),
                }
            }
            b'X' => {
                let len = u32::from_le_bytes(self.array()?) as usize;
                let text = self.peek(len)?;
                if std::str::from_utf8(text).is_err() {
                    return self.fault("UTF-8 text", "other bytes");
                }
                self.string(len)?;
            }
            // Containers.
            b'(' => self.marks.push(self.stack.len()),
            b')' => self.compound(Body::Tuple(Vec::new())),
            0x85..=0x87 => {
                let items = self.pop_many(usize::from(opcode - 0x84))?;
                self.compound(Body::Tuple(items));
            }
            b't' => {
                let items = self.pop_mark()?;
                self.compound(Body::Tuple(items));
            }
            b']' => self.compound(Body::List(Vec::new())),
            b'}' => self.compound(Body::Dict(Vec::new())),
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' => {
                let items = self.pop_mark()?;
                self.append(&items)?;
            }
            b's' => {
                let items = self.pop_many(2)?;
                self.set_items(&items)?;
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.set_items(&items)?;
            }
            // The memo.
            b'q' => {
                let slot = u32::from(self.byte()?);
                self.remember(slot)?;
            }
            b'r' => {
                let slot = u32::from_le_bytes(self.array()?);
                self.remember(slot)?;
            }
            b'h' => {
                let slot = u32::from(self.byte()?);
                self.recall(slot)?;
            }
            b'j' => {
                let slot = u32::from_le_bytes(self.array()?);
                self.recall(slot)?;
            }
            // Objects.
            b'c' => self.global()?,
            b'R' => self.make(&[Global::Reconstruct, Global::Dtype, Global::DefaultDict])?,
            0x81 => self.make(&[Global::CsrMatrix])?,
            b'b' => self.build()?,
            other => {
                let shown = char::from(other).escape_default();
                return self.fault(
                    "an opcode of array pickles",
                    format!("opcode {other:#04x} ({shown}), which is not read"),
                );
            }
        }
        Ok(())
    }

    // Reading.

    fn fault<T>(&self, expected: impl Into<String>, found: impl Into<String>) -> Result<T> {
        Err(FormatError::byte(self.name, self.opcode_at as u64, expected, found))
    }

    fn peek(&self, len: usize) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        match rest.get(..len) {
            Some(taken) => Ok(taken),
            None => self.fault(
                format!("{len} more bytes at byte {}", self.at),
                format!("the end of the file after {}: it is truncated or damaged", rest.len()),
            ),
        }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let taken = self.peek(len)?;
        self.at += len;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn line(&mut self) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let window = &rest[..rest.len().min(MAX_NAME + 1)];
        match window.iter().position(|&byte| byte == b'\n') {
            Some(end) => {
                self.at += end + 1;
                Ok(&window[..end])
            }
            None => self
                .fault(format!("a name of at most {MAX_NAME} bytes and a line end"), "no line end"),
        }
    }

    fn long(&mut self) -> Result<()> {
        let len = usize::from(self.byte()?);
        let digits = self.take(len)?;
        if len > 8 {
            return self.fault("an integer of at most 64 bits", format!("{len} bytes"));
        }
        let negative = digits.last().is_some_and(|top| top & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..len].copy_from_slice(digits);
        self.stack.push(Item::Int(i64::from_le_bytes(wide)));
        Ok(())
    }

    fn string(&mut self, len: usize) -> Result<()> {
        let start = position(self.at);
        self.take(len)?;
        self.stack.push(Item::Bytes { start, len: position(len) });
        Ok(())
    }

    // The stack.

    fn compound(&mut self, body: Body) {
        let index = position(self.arena.len());
        self.arena.push(Compound { at: position(self.opcode_at), body });
        self.stack.push(Item::Compound(index));
    }

    /// Values above the last mark are the only ones an opcode may take.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Item>> {
        let held = self.stack.len() - self.floor();
        if held < count {
            return self.fault(format!("{count} values on the stack"), format!("{held}"));
        }
        Ok(self.stack.split_off(self.stack.len() - count))
    }

    fn pop(&mut self) -> Result<Item> {
        if self.stack.len() > self.floor()
            && let Some(item) = self.stack.pop()
        {
            return Ok(item);
        }
        self.fault("a value on the stack", "none")
    }

    fn top(&self) -> Result<Item> {
        match self.stack[self.floor()..].last() {
            Some(&item) => Ok(item),
            None => self.fault("a value on the stack", "none"),
        }
    }

    fn pop_mark(&mut self) -> Result<Vec<Item>> {
        match self.marks.pop() {
            Some(height) => Ok(self.stack.split_off(height)),
            None => self.fault("an open mark", "none"),
        }
    }

    fn top_body(&mut self) -> Result<&mut Body> {
        let top = self.top()?;
        let Item::Compound(index) = top else {
            return self.fault("a list, dict or object on the stack", top.kind());
        };
        Ok(&mut self.arena[index as usize].body)
    }

    fn append(&mut self, items: &[Item]) -> Result<()> {
        match self.top_body()? {
            Body::List(list) => {
                list.extend_from_slice(items);
                Ok(())
            }
            other => {
                let found = other.kind();
                self.fault("a list to append to", found)
            }
        }
    }

    fn set_items(&mut self, items: &[Item]) -> Result<()> {
        if !items.len().is_multiple_of(2) {
            return self.fault("keys with values", format!("{} items", items.len()));
        }
        let pairs = items.chunks_exact(2).map(|pair| (pair[0], pair[1]));
        // A defaultdict's entries are a dict that stands as its state.
        let top = self.top()?;
        let target = match (top, self.top_body()?) {
            (Item::Compound(index), Body::Dict(_)) => Some(index),
            (
                _,
                Body::Object {
                    class: Global::DefaultDict, state: Some(Item::Compound(dict)), ..
                },
            ) => Some(*dict),
            _ => None,
        };
        match target.map(|index| &mut self.arena[index as usize].body) {
            Some(Body::Dict(dict)) => {
                dict.extend(pairs);
                Ok(())
            }
            _ => self.fault("a dict to fill", top.kind()),
        }
    }

    // The memo.

    fn remember(&mut self, slot: u32) -> Result<()> {
        let top = self.top()?;
        self.memo.insert(slot, top);
        Ok(())
    }

    fn recall(&mut self, slot: u32) -> Result<()> {
        match self.memo.get(&slot) {
            Some(&item) => {
                self.stack.push(item);
                Ok(())
            }
            None => self.fault("a memo entry stored before", format!("unknown entry {slot}")),
        }
    }

    // Objects.

    fn global(&mut self) -> Result<()> {
        let (module, name) = (self.line()?, self.line()?);
        match Global::named(module, name) {
            Some(global) => {
                self.stack.push(Item::Global(global));
                Ok(())
            }
            None => self.fault(
                "a class of scipy CSR matrices, numpy arrays or defaultdicts",
                format!(
                    "the global `{} {}`, which is refused (nothing was executed)",
                    module.escape_ascii(),
                    name.escape_ascii()
                ),
            ),
        }
    }

    /// `REDUCE` and `NEWOBJ`: class and argument tuple become an object. Nothing is called.
    fn make(&mut self, allowed: &[Global]) -> Result<()> {
        let args = self.pop()?;
        let callee = self.pop()?;
        let Item::Compound(index) = args else {
            return self.fault("a tuple of arguments", args.kind());
        };
        if !matches!(self.arena[index as usize].body, Body::Tuple(_)) {
            return self.fault("a tuple of arguments", self.arena[index as usize].body.kind());
        }
        let class = match callee {
            Item::Global(global) if allowed.contains(&global) => global,
            other => {
                return self.fault("one of the known constructors", other.kind());
            }
        };
        let state = (class == Global::DefaultDict).then(|| {
            self.compound(Body::Dict(Vec::new()));
            self.stack.pop().unwrap_or(Item::None)
        });
        self.compound(Body::Object { class, args, state });
        Ok(())
    }

    fn build(&mut self) -> Result<()> {
        let given = self.pop()?;
        match self.top_body()? {
            Body::Object { state: state @ None, .. } => {
                *state = Some(given);
                Ok(())
            }
            other => {
                let found = other.kind();
                self.fault("an object without state", found)
            }
        }
    }
}

/// Positions fit because [`Pickle::read`] bounds the file, and no count exceeds the file's size.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
