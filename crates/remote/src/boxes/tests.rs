//! What raises a doubt about a box, and what does not.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn kinds(face: &Value, ext: &Value, ratio: Ratio) -> Vec<(BoxName, DoubtKind)> {
    let area = |value| BoundingBox::of(value).unwrap();
    let boxes = Boxes {
        face: area(face),
        ext: area(ext),
    };
    let doubts = boxes.doubts(1000, 1200, ratio);
    doubts
        .into_iter()
        .map(|doubt| (doubt.name, doubt.kind))
        .collect()
}

#[test]
fn real_answers_raise_no_doubt() {
    for (face, ext) in [
        (json!([302, 286, 610, 593]), json!([71, 9, 840, 778])),
        (json!([387, 188, 769, 570]), json!([225, 0, 931, 706])),
        (json!([212, 194, 460, 441]), json!([63, 30, 609, 575])),
        (json!([344.0, 180, 515, 351]), json!([0, 0, 1000, 1000])),
    ] {
        assert_eq!(kinds(&face, &ext, Ratio::Square), [], "{face} {ext}");
    }
    for ext in [
        json!([0, 0, 750, 1000]),
        json!([0, 0, 512, 704]),
        json!([0, 0, 740, 1000]),
    ] {
        assert_eq!(
            kinds(&json!([1, 1, 9, 9]), &ext, Ratio::ThreeFour),
            [],
            "{ext}"
        );
    }
}

#[test]
fn each_oddity_is_told_once() {
    use BoxName::{Ext, Face};
    let (face, ext) = (json!([10, 10, 20, 20]), json!([0, 0, 100, 100]));
    let image = DoubtKind::Outside {
        width: 1000,
        height: 1200,
    };
    let square = DoubtKind::Aspect {
        ratio: Ratio::Square,
    };
    for (face, ext, expected) in [
        (
            json!([10, 10.5, 20, 20]),
            ext.clone(),
            vec![(Face, DoubtKind::Fractional)],
        ),
        (
            face.clone(),
            json!([-1, 0, 100, 100]),
            vec![(Ext, DoubtKind::Negative)],
        ),
        (
            face.clone(),
            json!([0, 0, 1001, 1001]),
            vec![(Ext, image.clone())],
        ),
        (face.clone(), json!([0, 0, 829, 391]), vec![(Ext, square)]),
        (
            json!([20, 20, 10, 10]),
            ext.clone(),
            vec![(Face, DoubtKind::NoArea)],
        ),
        (
            face.clone(),
            json!([100, 100, 0, 0]),
            vec![(Ext, DoubtKind::NoArea)],
        ),
    ] {
        assert_eq!(kinds(&face, &ext, Ratio::Square), expected, "{face} {ext}");
    }
    let outside = kinds(&json!([90, 90, 110, 110]), &ext, Ratio::Square);
    assert!(
        matches!(outside[..], [(Ext, DoubtKind::FaceOutside { .. })]),
        "{outside:?}"
    );
}

/// Each side of a box, on its bound and 1 px beyond it.
#[test]
fn every_bound_of_a_doubt_is_where_it_should_be() {
    use BoxName::{Ext, Face};
    let told = |face: [i64; 4], ext: [i64; 4], ratio| -> Vec<(BoxName, &str)> {
        let told = kinds(&json!(face), &json!(ext), ratio);
        let word = |kind| match kind {
            DoubtKind::Aspect { .. } => "aspect",
            DoubtKind::FaceOutside { .. } => "face outside",
            DoubtKind::NoArea => "no area",
            DoubtKind::Outside { .. } => "outside",
            _ => "another",
        };
        told.into_iter()
            .map(|(name, kind)| (name, word(kind)))
            .collect()
    };
    let (face, ext) = ([10, 10, 20, 20], [0, 0, 100, 100]);
    // The image has 1000 x 1200 px.
    let (square, three_four) = (Ratio::Square, Ratio::ThreeFour);
    for (face, ext, ratio, doubt) in [
        (
            face,
            [0, 200, 1000, 1200],
            square,
            Some((Ext, "face outside")),
        ),
        ([10, 210, 20, 220], [0, 200, 1000, 1200], square, None),
        (
            [10, 210, 20, 220],
            [1, 200, 1001, 1200],
            square,
            Some((Ext, "outside")),
        ),
        (
            [10, 210, 20, 220],
            [0, 201, 1000, 1201],
            square,
            Some((Ext, "outside")),
        ),
        ([10, 10, 10, 20], ext, square, Some((Face, "no area"))),
        ([10, 10, 20, 10], ext, square, Some((Face, "no area"))),
        ([20, 10, 10, 20], ext, square, Some((Face, "no area"))),
        ([10, 20, 20, 10], ext, square, Some((Face, "no area"))),
        ([0, 0, 100, 100], ext, square, None),
        ([-1, 0, 100, 100], ext, square, Some((Face, "another"))),
        (
            [9, 10, 20, 20],
            [10, 10, 100, 100],
            square,
            Some((Ext, "face outside")),
        ),
        (
            [10, 9, 20, 20],
            [10, 10, 100, 100],
            square,
            Some((Ext, "face outside")),
        ),
        ([10, 10, 101, 20], ext, square, Some((Ext, "face outside"))),
        ([10, 10, 20, 101], ext, square, Some((Ext, "face outside"))),
        (face, [0, 0, 98, 100], square, None),
        (face, [0, 0, 102, 100], square, None),
        (face, [0, 0, 97, 100], square, Some((Ext, "aspect"))),
        (face, [0, 0, 103, 100], square, Some((Ext, "aspect"))),
        // 8:11 of 1100 px is 800 px, 3:4 of it 825 px.
        (face, [0, 0, 798, 1100], three_four, None),
        (face, [0, 0, 827, 1100], three_four, None),
        (face, [0, 0, 797, 1100], three_four, Some((Ext, "aspect"))),
        (face, [0, 0, 828, 1100], three_four, Some((Ext, "aspect"))),
    ] {
        let told = told(face, ext, ratio);
        match doubt {
            Some(doubt) => assert!(told.contains(&doubt), "{face:?} {ext:?}: {told:?}"),
            None => assert_eq!(told, [], "{face:?} {ext:?}"),
        }
    }
}

#[test]
fn only_four_numbers_are_a_box() {
    for value in [
        json!(null),
        json!([]),
        json!([1, 2, 3]),
        json!([1, 2, 3, 4, 5]),
        json!(["1", "2", "3", "4"]),
        json!([1, 2, 3, null]),
        json!([[1, 2], [3, 4]]),
        json!({"x1": 1, "y1": 2, "x2": 3, "y2": 4}),
        json!("1,2,3,4"),
    ] {
        assert_eq!(BoundingBox::of(&value), None, "{value}");
    }
}

proptest! {
    #[test]
    fn numbers_come_out_as_they_went_in(whole: [i64; 2], float in [-1e9..1e9, -1e300..1e300]) {
        let sent = json!([whole[0], whole[1], float[0], float[1]]);
        let area = BoundingBox::of(&sent).unwrap();
        prop_assert_eq!(serde_json::to_value(&area).unwrap(), sent.clone());
        let text = sent.to_string();
        prop_assert_eq!(serde_json::from_str::<BoundingBox>(&text).unwrap().to_string(), text);
        let _ = Boxes { face: area.clone(), ext: area }.doubts(9, 9, Ratio::ThreeFour);
    }
}
