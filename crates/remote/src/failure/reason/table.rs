//! Each reason with its name, its code and its words: the only table of the nine.

use language::Text;

/// A reason's name in JSON, its code, our words, and the vendor's sentences.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) meaning: Text,
    pub(super) suggestion: Text,
    pub(super) sentences: &'static [&'static str],
}

pub(super) static NO_HUMAN: Row = Row {
    name: "no-human",
    code: Some("InvalidFile.NoHuman"),
    meaning: Text {
        en: "The detector found no person, or no face, in the image.",
        zh: "检测模型在图片中没有找到人物，或没有检测到人脸。",
    },
    suggestion: Text {
        en: "Use an image in which one person's face can be seen.",
        zh: "请使用能看清一个人脸部的图片。",
    },
    sentences: &[
        "The input image does not contain a person. Please upload an image of a single person.",
        "The input image has no human body. Please upload other image with single person.",
        "No person is detected in the input image.",
        "No face detected.",
    ],
};

pub(super) static MULTI_HUMAN: Row = Row {
    name: "multi-human",
    code: Some("InvalidFile.MultiHuman"),
    meaning: Text {
        en: "The detector found more than one person in the image.",
        zh: "检测模型在图片中检测到多人。",
    },
    suggestion: Text {
        en: "Use an image of one person, or crop it to one.",
        zh: "请使用单人照，或将图片裁剪到只剩一人。",
    },
    sentences: &[
        "The input image contains multiple people. Please upload an image of a single person.",
        "The input image has multi human bodies. Please upload other image with single person.",
        "Multiple people are detected in the input image.",
        "Please upload a photo of a single person.",
    ],
};

pub(super) static BODY_PROPORTION: Row = Row {
    name: "body-proportion",
    code: Some("InvalidFile.BodyProportion"),
    meaning: Text {
        en: "The person takes too much or too little of the image.",
        zh: "人物在画面中的占比过大或过小。",
    },
    suggestion: Text {
        en: "Crop closer, or use an image with more room around the person.",
        zh: "请裁剪得更近一些，或换一张人物四周留白更多的图片。",
    },
    sentences: &[
        "The proportion of the person in the image is too large or too small. Please upload a different image.",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
        "The proportion of the person in the uploaded image does not meet the requirements.",
        "The proportion of the face in the uploaded image is too large or too small.",
    ],
};

pub(super) static RESOLUTION: Row = Row {
    name: "resolution",
    code: Some("InvalidFile.Resolution"),
    meaning: Text {
        en: "A side of the image is out of the model's limits.",
        zh: "图片有一边超出了模型的分辨率限制。",
    },
    suggestion: Text {
        en: "Bring the shorter side to 400 px or more, and the longer to 7,000 px or less.",
        zh: "请让最小边长不低于 400 像素，最大边长不超过 7000 像素。",
    },
    sentences: &[
        "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels \
         and the shortest side is greater than 400 pixels.",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, \
         and the smallest length of image is larger than 400.",
        "The size of the uploaded image does not meet the requirements.",
        "The resolution cannot be lower than 400",
        "The resolution cannot be higher than 7,000",
        "The shortest side must be at least 400 pixels, and the longest side must not exceed 7,000 pixels.",
    ],
};

pub(super) static VALUE: Row = Row {
    name: "value",
    code: Some("InvalidFile.Value"),
    meaning: Text {
        en: "The image is too dark or not clear enough.",
        zh: "图片过暗，或不够清晰。",
    },
    suggestion: Text {
        en: "Use a brighter and sharper image of the face.",
        zh: "请使用更明亮、人脸更清晰的图片。",
    },
    sentences: &[
        "The image quality is invalid. Please upload a clearer image.",
        "The value of the image is invalid, please upload other clearer image.",
        "The uploaded image is too dark and does not meet the requirements.",
        "Please ensure that the face in the image is clear.",
    ],
};

pub(super) static FRONT_BODY: Row = Row {
    name: "front-body",
    code: Some("InvalidFile.FrontBody"),
    meaning: Text {
        en: "The person turns their back to the camera.",
        zh: "人物背对镜头。",
    },
    suggestion: Text {
        en: "Use an image taken from the front.",
        zh: "请使用人物正面朝向镜头的图片。",
    },
    sentences: &[
        "The person's pose is invalid. Please upload a frontal-view image.",
        "The pose of the detected person is invalid, please upload other image with the front view.",
        "The person in the uploaded image is facing away from the camera",
        "Please ensure that the person in the image is facing the camera.",
    ],
};

pub(super) static FULL_FACE: Row = Row {
    name: "full-face",
    code: Some("InvalidFile.FullFace"),
    meaning: Text {
        en: "The face is not wholly visible.",
        zh: "人脸没有完整露出。",
    },
    suggestion: Text {
        en: "Use an image of the whole face, with nothing in front of it.",
        zh: "请使用人脸完整且没有遮挡的图片。",
    },
    sentences: &[
        "The facial pose is invalid. Please upload an image that shows the entire face.",
        "The pose of the detected face is invalid, please upload other image with whole face.",
        "the face must be visible",
        "Please ensure that the face in the image is complete and not occluded.",
    ],
};

pub(super) static FACE_POSE: Row = Row {
    name: "face-pose",
    code: Some("InvalidFile.FacePose"),
    meaning: Text {
        en: "The face is turned or tilted too far.",
        zh: "人脸侧转或倾斜的角度过大。",
    },
    suggestion: Text {
        en: "Use an image in which the head is upright and looks into the camera.",
        zh: "请使用头部端正、面朝镜头的图片。",
    },
    sentences: &[
        "The facial pose is invalid. Please upload an image with the correct orientation.",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
        "The pose of the detected face is invalid, please upload other image with the expected orientation.",
        "the face orientation must not have a critical offset",
        "Please ensure that the face in the image is not tilted.",
    ],
};

pub(super) static FULL_BODY: Row = Row {
    name: "full-body",
    code: Some("InvalidFile.FullBody"),
    meaning: Text {
        en: "The image does not show enough of the person for the ratio: the whole head for 1:1, the body \
              above the hips for 3:4.",
        zh: "按所选画幅，图片中的人物不够完整：1:1 需要完整的头部，3:4 需要露出胯部以上的身体。",
    },
    suggestion: Text {
        en: "Use an image in which the whole head can be seen.",
        zh: "请使用头部完整露出的图片。",
    },
    sentences: &[
        "The person's pose is invalid. Please upload an image that shows the full body, or change the aspect ratio \
         to 1:1.",
        "The pose of the detected person is invalid, please upload other image with whole body, or change the \
         ratio parameter to 1:1.",
        "The head must be fully visible for a profile picture",
        "Please ensure that the face in the image is fully visible",
        "Please ensure that the upper body of the person in the image is fully visible",
    ],
};

/// The suggestion for [`FULL_BODY`] at the ratio 3:4, the one reason that another ratio may cure.
pub(super) static FULL_BODY_AT_THREE_FOUR: Text = Text {
    en: "Use an image that shows the body down to the hips, or ask for the ratio 1:1.",
    zh: "请使用露出胯部以上身体的图片，或将画幅改为 1:1。",
};

pub(super) static OTHER: Row = Row {
    name: "other",
    code: None,
    meaning: Text {
        en: "The detector rejected the image for a reason that is not in the reference.",
        zh: "检测模型判定图片不通过，原因不在 API 参考所列之中。",
    },
    suggestion: Text {
        en: "Read the service's own message, and try another image.",
        zh: "请查看服务返回的 message，并更换图片重试。",
    },
    sentences: &[],
};
