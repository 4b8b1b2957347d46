//! Names of models that can be asked.

/// Why a text cannot be the name of the model to ask.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Nothing but blanks.
    #[error("expected a model's name, but found only blanks")]
    Blank,
    /// A detector of another video model: its answers have another shape, and are charged all the
    /// same.
    #[error(
        "expected emo-detect-v1 or a deployment of it, but found the detector of another model, {0}"
    )]
    Sibling(String),
    /// A model that makes videos.
    #[error(
        "expected emo-detect-v1 or a deployment of it, but found the video model {0}, which judges no image"
    )]
    Video(String),
}

/// The beginnings of the names of the vendor's video models, and of their detectors.
const FAMILIES: [&str; 7] = [
    "emo-v",
    "emoji",
    "liveportrait",
    "animate-anyone",
    "videoretalk",
    "wan2",
    "wanx",
];

/// The name without blanks around it. A deployment of one's own may bear any other name.
pub(crate) fn parse(text: &str) -> Result<String, ModelError> {
    let name = text.trim();
    let lower = name.to_ascii_lowercase();
    let is_video = FAMILIES.iter().any(|family| lower.starts_with(family)) || lower == "emo";
    match () {
        () if name.is_empty() => Err(ModelError::Blank),
        () if is_video && lower.contains("detect") => Err(ModelError::Sibling(name.to_owned())),
        () if is_video => Err(ModelError::Video(name.to_owned())),
        () => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_and_video_models_are_told_from_deployments() {
        for name in [
            "emo-detect-v1",
            "emo-detect",
            "emo-detect-mine",
            " emo-detect-v2\n",
            "mine",
        ] {
            assert_eq!(parse(name).as_deref(), Ok(name.trim()));
        }
        for name in [
            "liveportrait-detect",
            "emoji-detect-v1",
            "wan2.2-s2v-detect",
            "animate-anyone-detect-gen2",
            "Emoji-Detect-V1",
        ] {
            assert_eq!(parse(name), Err(ModelError::Sibling(name.to_owned())));
        }
        for name in [
            "emo-v1",
            "emo",
            "emoji-v1",
            "liveportrait",
            "wan2.2-s2v",
            "videoretalk",
        ] {
            assert_eq!(parse(name), Err(ModelError::Video(name.to_owned())));
        }
        assert_eq!(parse(" "), Err(ModelError::Blank));
    }
}
