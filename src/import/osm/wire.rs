//! The wire format of protocol buffers, as far as PBF files use it.
//!
//! By <https://protobuf.dev/programming-guides/encoding>. Every reader ends with `None` inside
//! when the bytes are damaged, and never reads beyond them.

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// A varint.
    Number(u64),
    /// A string, a message or packed numbers.
    Bytes(&'a [u8]),
    /// A number of fixed size, which no field that is read here has.
    Fixed,
}

/// The fields of a message in their order: number and value, or `None` once when it is damaged.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Field<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Option<(u64, Field<'a>)> {
        let key = varint(&mut self.0)?;
        let value = match key & 7 {
            0 => Field::Number(varint(&mut self.0)?),
            1 => self.skip(8)?,
            2 => {
                let length = usize::try_from(varint(&mut self.0)?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Field::Bytes(bytes)
            }
            5 => self.skip(4)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn skip(&mut self, length: usize) -> Option<Field<'a>> {
        self.0 = self.0.get(length..)?;
        Some(Field::Fixed)
    }
}

/// Packed varints, or `None` once when they are damaged.
pub(super) struct Numbers<'a>(pub &'a [u8]);

impl Iterator for Numbers<'_> {
    type Item = Option<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let number = varint(&mut self.0);
        if number.is_none() {
            self.0 = &[];
        }
        Some(number)
    }
}

/// A number of type `int32` or `int64`.
pub(super) fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// A number of type `sint32` or `sint64`.
pub(super) fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[Option<(u64, Field<'_>)>]) {
        assert_eq!(Fields(bytes).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn fields_are_read() {
        check(&[0x08, 0x96, 0x01], &[Some((1, Field::Number(150)))]);
        check(
            &[0x12, 2, b'a', b'b', 0x0d, 1, 2, 3, 4],
            &[Some((2, Field::Bytes(b"ab"))), Some((1, Field::Fixed))],
        );
    }

    #[test]
    fn damage_ends_the_message() {
        check(&[0x08], &[None]);
        check(&[0x12, 200, 1, b'a'], &[None]);
        check(
            &[
                0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
            ],
            &[None],
        );
        check(&[0x0b, 1], &[None]);
    }

    #[test]
    fn signs_are_understood() {
        assert_eq!([0, 1, 2, 3].map(zigzag), [0, -1, 1, -2]);
        assert_eq!(zigzag(u64::MAX), i64::MIN);
        assert_eq!(signed(u64::MAX), -1);
    }
}
