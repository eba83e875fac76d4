//! Many short texts in little memory, and what each of them leads to.

/// Texts one behind the other, by number in the order in which they came. Four bytes each beside
/// their letters.
#[derive(Debug, Default)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds `text` and gives its number.
    pub fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.ends.push(index(self.text.len()));
        index(self.ends.len() - 1)
    }

    /// The text of number `id`. O(1).
    #[must_use]
    pub fn text(&self, id: u32) -> &str {
        let id = id as usize;
        let start = match id {
            0 => 0,
            _ => self.ends[id - 1] as usize,
        };
        &self.text[start..self.ends[id] as usize]
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Gives back memory that more texts would need.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Texts that are all different, with their number by a hash table of four bytes a slot.
#[derive(Debug, Default)]
pub struct Words {
    texts: Texts,
    /// One more than a number, or zero; as many as a power of two, at most two of three in use.
    slots: Vec<u32>,
}

impl Words {
    /// The number of `word`, which is added when it is new.
    pub fn add(&mut self, word: &str) -> u32 {
        if let Some(id) = self.find(word) {
            return id;
        }
        let id = self.texts.push(word);
        if self.texts.len() * 3 > self.slots.len() * 2 {
            self.grow();
        } else {
            self.enter(id);
        }
        id
    }

    /// The number of `word`. O(1).
    #[must_use]
    pub fn find(&self, word: &str) -> Option<u32> {
        let last = self.slots.len().checked_sub(1)?;
        let mut at = hash(word) & last;
        while let Some(id) = self.slots[at].checked_sub(1) {
            if self.texts.text(id) == word {
                return Some(id);
            }
            at = (at + 1) & last;
        }
        None
    }

    /// The word of number `id`.
    #[must_use]
    pub fn text(&self, id: u32) -> &str {
        self.texts.text(id)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Gives back memory that more words would need.
    pub fn shrink(&mut self) {
        self.texts.shrink();
    }

    fn grow(&mut self) {
        let count = (self.slots.len() * 2).max(4);
        self.slots.clear();
        self.slots.resize(count, 0);
        for id in 0..index(self.texts.len()) {
            self.enter(id);
        }
    }

    fn enter(&mut self, id: u32) {
        let last = self.slots.len() - 1;
        let mut at = hash(self.texts.text(id)) & last;
        while self.slots[at] != 0 {
            at = (at + 1) & last;
        }
        self.slots[at] = id + 1;
    }
}

/// What words lead to: numbers, in the order in which they came, each once in a row.
#[derive(Debug, Default)]
pub struct Lists {
    words: Words,
    /// Where the numbers of each word start; one more at the end.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    /// What `word` leads to; empty for an unknown one. O(1).
    #[must_use]
    pub fn of(&self, word: &str) -> &[u32] {
        self.words.find(word).map_or(&[], |id| self.at(id))
    }

    /// Every word with what it leads to, by number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u32])> {
        (0..index(self.words.len())).map(|id| (self.words.text(id), self.at(id)))
    }

    /// The words by number.
    #[must_use]
    pub fn words(&self) -> &Words {
        &self.words
    }

    fn at(&self, id: u32) -> &[u32] {
        let id = id as usize;
        &self.numbers[self.starts[id] as usize..self.starts[id + 1] as usize]
    }
}

/// [`Lists`] while they are written.
#[derive(Debug, Default)]
pub struct ListsDraft {
    words: Words,
    pairs: Vec<(u32, u32)>,
}

impl ListsDraft {
    /// The number of `word`, which leads to nothing yet when it is new.
    pub fn word(&mut self, word: &str) -> u32 {
        self.words.add(word)
    }

    /// The word of number `id`.
    #[must_use]
    pub fn text(&self, id: u32) -> &str {
        self.words.text(id)
    }

    /// Lets `word` lead to `number`, behind what it leads to already.
    pub fn add(&mut self, word: &str, number: u32) {
        let id = self.word(word);
        self.add_to(id, number);
    }

    /// Lets the word of number `id` lead to `number`, behind what it leads to already.
    pub fn add_to(&mut self, id: u32, number: u32) {
        self.pairs.push((id, number));
    }

    /// The lists. O(n log n).
    #[must_use]
    pub fn finish(self) -> Lists {
        let Self {
            mut words,
            mut pairs,
        } = self;
        // The order within a word stays.
        pairs.sort_by_key(|pair| pair.0);
        // One thing may bear a name twice, say in two languages.
        pairs.dedup();
        let mut starts = vec![0; words.len() + 1];
        for (word, _) in &pairs {
            starts[*word as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        words.shrink();
        // Collected in place they would keep the memory of the pairs.
        let mut numbers: Vec<u32> = pairs.into_iter().map(|pair| pair.1).collect();
        numbers.shrink_to_fit();
        Lists {
            words,
            starts,
            numbers,
        }
    }
}

/// A count as the number of a thing.
///
/// # Panics
/// From 2^32 on, which no shipped file reaches.
#[must_use]
pub fn index(count: usize) -> u32 {
    u32::try_from(count).expect("a file has fewer than 2^32 letters")
}

/// Mixes eight letters at a time by multiplication (as Fx does); its upper bits are well mixed.
fn hash(word: &str) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, letters: u64| (hash.rotate_left(23) ^ letters).wrapping_mul(FACTOR);
    let (eights, rest) = word.as_bytes().as_chunks::<8>();
    let mut hash = mix(0, word.len() as u64);
    for eight in eights {
        hash = mix(hash, u64::from_le_bytes(*eight));
    }
    let rest = rest
        .iter()
        .fold(0, |rest, byte| rest << 8 | u64::from(*byte));
    usize::try_from(mix(hash, rest) >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_letters() {
        let mut words = Words::default();
        assert_eq!(words.find("ulm"), None);
        let all: Vec<String> = (0..1_000).map(|number| format!("word {number}")).collect();
        for (id, word) in (0..).zip(&all) {
            assert_eq!(words.add(word), id);
        }
        for (id, word) in (0..).zip(&all) {
            assert_eq!((words.add(word), words.text(id)), (id, word.as_str()));
        }
        assert_eq!(words.add(""), 1_000);
        assert_eq!(words.find(""), Some(1_000));
        assert_eq!(words.find("word 1000"), None);
    }

    #[test]
    fn lists_keep_their_order_and_nothing_twice() {
        let mut draft = ListsDraft::default();
        for (word, number) in [("b", 7), ("a", 3), ("b", 7), ("b", 2)] {
            draft.add(word, number);
        }
        let lists = draft.finish();
        assert_eq!(lists.of("b"), [7, 2]);
        assert_eq!(lists.of("a"), [3]);
        assert_eq!(lists.of("c"), [0; 0]);
        let words: Vec<_> = lists.iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["b", "a"]);
    }
}
