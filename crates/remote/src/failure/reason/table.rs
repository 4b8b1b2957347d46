//! What is known of each reason: the only table of the nine.

/// A reason's name in JSON, its code, our words, and the vendor's sentences.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) meaning: &'static str,
    pub(super) suggestion: &'static str,
    pub(super) sentences: &'static [&'static str],
}

pub(super) static NO_HUMAN: Row = Row {
    name: "no-human",
    code: "InvalidFile.NoHuman",
    meaning: "The detector found no person, or no face, in the image.",
    suggestion: "Use an image in which one person's face can be seen.",
    sentences: &[
        "The input image does not contain a person. Please upload an image of a single person.",
        "The input image has no human body. Please upload other image with single person.",
    ],
};

pub(super) static MULTI_HUMAN: Row = Row {
    name: "multi-human",
    code: "InvalidFile.MultiHuman",
    meaning: "The detector found more than one person in the image.",
    suggestion: "Use an image of one person, or crop it to one.",
    sentences: &[
        "The input image contains multiple people. Please upload an image of a single person.",
        "The input image has multi human bodies. Please upload other image with single person.",
    ],
};

pub(super) static BODY_PROPORTION: Row = Row {
    name: "body-proportion",
    code: "InvalidFile.BodyProportion",
    meaning: "The person takes too much or too little of the image.",
    suggestion: "Crop closer, or use an image with more room around the person.",
    sentences: &[
        "The proportion of the person in the image is too large or too small. Please upload a different image.",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
    ],
};

pub(super) static RESOLUTION: Row = Row {
    name: "resolution",
    code: "InvalidFile.Resolution",
    meaning: "A side of the image is out of the model's limits.",
    suggestion: "Bring the shorter side to 400 px or more, and the longer to 7,000 px or less.",
    sentences: &[
        "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels \
         and the shortest side is greater than 400 pixels.",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, \
         and the smallest length of image is larger than 400.",
    ],
};

pub(super) static VALUE: Row = Row {
    name: "value",
    code: "InvalidFile.Value",
    meaning: "The image is too dark or not clear enough.",
    suggestion: "Use a brighter and sharper image of the face.",
    sentences: &[
        "The image quality is invalid. Please upload a clearer image.",
        "The value of the image is invalid, please upload other clearer image.",
    ],
};

pub(super) static FRONT_BODY: Row = Row {
    name: "front-body",
    code: "InvalidFile.FrontBody",
    meaning: "The person turns their back to the camera.",
    suggestion: "Use an image taken from the front.",
    sentences: &[
        "The person's pose is invalid. Please upload a frontal-view image.",
        "The pose of the detected person is invalid, please upload other image with the front view.",
    ],
};

pub(super) static FULL_FACE: Row = Row {
    name: "full-face",
    code: "InvalidFile.FullFace",
    meaning: "The face is not wholly visible.",
    suggestion: "Use an image of the whole face, with nothing in front of it.",
    sentences: &[
        "The facial pose is invalid. Please upload an image that shows the entire face.",
        "The pose of the detected face is invalid, please upload other image with whole face.",
    ],
};

pub(super) static FACE_POSE: Row = Row {
    name: "face-pose",
    code: "InvalidFile.FacePose",
    meaning: "The face is turned or tilted too far.",
    suggestion: "Use an image in which the head is upright and looks into the camera.",
    sentences: &[
        "The facial pose is invalid. Please upload an image with the correct orientation.",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
        "The pose of the detected face is invalid, please upload other image with the expected orientation.",
    ],
};

pub(super) static FULL_BODY: Row = Row {
    name: "full-body",
    code: "InvalidFile.FullBody",
    meaning: "The image does not show enough of the person for the ratio: the whole head for 1:1, the body \
              above the hips for 3:4.",
    suggestion: "Use an image in which the whole head can be seen.",
    sentences: &[
        "The person's pose is invalid. Please upload an image that shows the full body, or change the aspect ratio \
         to 1:1.",
        "The pose of the detected person is invalid, please upload other image with whole body, or change the \
         ratio parameter to 1:1.",
    ],
};
