//! Enums whose variants are plain names.

/// Defines such an enum: of each variant its doc, the word for machines and the name for people.
macro_rules! names {
    ($(#[$meta:meta])* $enum:ident {
        $($(#[$doc:meta])* $variant:ident: $word:literal, $people:literal;)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $enum {
            $($(#[$doc])* $variant,)+
        }

        impl $enum {
            /// Every one, in the order of this list.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The lower-case word that machine-readable output uses.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        /// The name for people.
        impl core::fmt::Display for $enum {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(match self { $(Self::$variant => $people,)+ })
            }
        }

        /// As [`name`](Self::name).
        #[cfg(feature = "serde")]
        impl serde::Serialize for $enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        /// From its [`name`](Self::name).
        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $enum {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Word;

                impl serde::de::Visitor<'_> for Word {
                    type Value = $enum;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str(concat!("one of", $(" \"", $word, "\"",)+))
                    }

                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$enum, E> {
                        let unknown = || E::invalid_value(serde::de::Unexpected::Str(word), &self);
                        let mut all = $enum::ALL.into_iter();
                        all.find(|one| one.name() == word).ok_or_else(unknown)
                    }
                }

                from.deserialize_str(Word)
            }
        }
    };
}

pub(crate) use names;
