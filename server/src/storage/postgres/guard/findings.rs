/// One thing that was checked, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub what: &'static str,
    /// Nothing, where all is well.
    pub troubles: Vec<Trouble>,
    last: bool,
}

/// Something that is wrong: what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing is served like this.
    Refused(String),
    /// Worth a look.
    Doubtful(String),
}

impl Trouble {
    /// For people.
    pub fn into_words(self) -> String {
        match self {
            Self::Refused(words) | Self::Doubtful(words) => words,
        }
    }
}

impl Finding {
    pub(super) fn of(what: &'static str) -> Self {
        Self {
            what,
            troubles: Vec::new(),
            last: false,
        }
    }

    pub(super) fn refused(mut self, words: impl Into<String>) -> Self {
        self.troubles.push(Trouble::Refused(words.into()));
        self
    }

    pub(super) fn doubtful(mut self, words: impl Into<String>) -> Self {
        self.troubles.push(Trouble::Doubtful(words.into()));
        self
    }

    /// Nothing further can be asked.
    pub(super) fn and_last(mut self) -> Self {
        self.last = true;
        self
    }

    pub(super) fn is_final(&self) -> bool {
        self.last
    }

    /// Adds what is wrong, if something is.
    pub(super) fn refused_if(self, is_wrong: bool, words: impl FnOnce() -> String) -> Self {
        if is_wrong {
            self.refused(words())
        } else {
            self
        }
    }
}
