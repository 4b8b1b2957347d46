//! The nine sentences of "Failure reasons": what the reference says stands in `output.message`.
//!
//! They differ from the messages of its "Status codes" table, which the
//! [catalogue](crate::catalogue) has.

/// The sentence for a code, if it is one of the nine.
pub(crate) fn sentence(code: &str) -> Option<&'static str> {
    SENTENCES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, sentence)| *sentence)
}

/// Code and sentence, in the order of the reference.
const SENTENCES: [(&str, &str); 9] = [
    (
        "InvalidFile.NoHuman",
        "The input image does not contain a person. Please upload an image of a single person.",
    ),
    (
        "InvalidFile.MultiHuman",
        "The input image contains multiple people. Please upload an image of a single person.",
    ),
    (
        "InvalidFile.BodyProportion",
        "The proportion of the person in the image is too large or too small. Please upload a different image.",
    ),
    (
        "InvalidFile.Resolution",
        "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels and the shortest side is greater than 400 pixels.",
    ),
    (
        "InvalidFile.Value",
        "The image quality is invalid. Please upload a clearer image.",
    ),
    (
        "InvalidFile.FrontBody",
        "The person's pose is invalid. Please upload a frontal-view image.",
    ),
    (
        "InvalidFile.FullFace",
        "The facial pose is invalid. Please upload an image that shows the entire face.",
    ),
    (
        "InvalidFile.FacePose",
        "The facial pose is invalid. Please upload an image with the correct orientation.",
    ),
    (
        "InvalidFile.FullBody",
        "The person's pose is invalid. Please upload an image that shows the full body, or change the aspect ratio to 1:1.",
    ),
];
