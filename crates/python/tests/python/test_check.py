"""`check`, `size` and `Report`: one image, however it arrives."""

import array
import json
import mmap
import os
import pickle
import tempfile
import unittest
from pathlib import Path

import preflight_emo
from support import ANNA, GALLERY, SMALL, serving


class Sources(unittest.TestCase):
    def test_the_same_image_is_the_same_however_it_arrives(self):
        data = ANNA.read_bytes()
        padded = array.array("B", data)
        for source in [ANNA, str(ANNA), data, bytearray(data), memoryview(data), padded]:
            with self.subTest(type(source).__name__):
                report = preflight_emo.check(source)
                self.assertEqual((report.outcome, report.stage), ("pass", "limits"))
                self.assertEqual((report.width, report.height, report.bytes), (480, 640, len(data)))
                self.assertEqual(preflight_emo.size(source), (480, 640))

    def test_what_has_gaps_is_copied_whole(self):
        data = ANNA.read_bytes()
        doubled = bytes(byte for pair in zip(data, data) for byte in pair)
        self.assertEqual(preflight_emo.check(memoryview(doubled)[::2]).outcome, "pass")

    def test_wrong_types_are_misuse_and_say_what_was_found(self):
        for wrong in [None, 7, 1.5, [ANNA], {}, object()]:
            for function in [preflight_emo.check, preflight_emo.size]:
                with self.assertRaisesRegex(TypeError, f"but found {type(wrong).__name__}$"):
                    function(wrong)

    def test_wrong_options_are_misuse_and_say_what_may_be(self):
        for options, words in [
            ({"profile": "nosuch"}, "profiles emo, .* found 'nosuch'"),
            ({"timeout": -1}, "timeout"),
            ({"timeout": float("nan")}, "timeout"),
            ({"timeout": 601}, "timeout"),
            ({"retries": 6}, "retries"),
            ({"allow_net": ["10.0.0.0/99"]}, "10.0.0.0/99"),
        ]:
            with self.subTest(options), self.assertRaisesRegex(ValueError, words):
                preflight_emo.check(b"", **options)

    def test_empty_bytes_are_a_bad_image(self):
        for empty in [b"", bytearray(), memoryview(b"")]:
            report = preflight_emo.check(empty)
            self.assertEqual(report.outcome, "reject")
            self.assertEqual([finding["code"] for finding in report.findings], ["PF003"])
            self.assertIsNone(preflight_emo.size(empty))

    def test_two_gigabytes_cost_no_more_than_their_header(self):
        with tempfile.TemporaryFile() as file:
            file.write(ANNA.read_bytes())
            file.truncate(2**31 + 5)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
                before = resident()
                report = preflight_emo.check(image)
                self.assertEqual(report.bytes, 2**31 + 5)
                self.assertEqual(preflight_emo.size(image), (480, 640))
                self.assertLess(resident() - before, 50_000_000)
        self.assertIn(report.outcome, ["pass", "reject"])

    def test_the_memory_of_bytes_is_used_as_it_is(self):
        large = ANNA.read_bytes() + bytes(300_000_000)
        before = peak()
        self.assertEqual(preflight_emo.size(large), (480, 640))
        preflight_emo.check(large)
        self.assertLess(peak() - before, 50_000_000)

    def test_paths_that_are_no_utf_8_are_found_and_kept_exactly(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.fsencode(folder) + b"/caf\xe9.jpg"
            with open(name, "wb") as file:
                file.write(ANNA.read_bytes())
            with os.scandir(os.fsencode(folder)) as entries:
                entry = next(entries)
            for source in [os.fsdecode(name), Path(os.fsdecode(name)), entry]:
                report = preflight_emo.check(source)
                self.assertEqual(report.outcome, "pass")
                self.assertIsNotNone(report.path_b64)
                self.assertEqual(pickle.loads(pickle.dumps(report)), report)

    def test_what_cannot_be_read_is_a_report(self):
        for source in ["no/such.png", GALLERY, "", "a\0b"]:
            with self.subTest(source):
                self.assertEqual(preflight_emo.check(source).outcome, "unknown")
                self.assertIsNone(preflight_emo.size(source))

    def test_a_fifo_is_not_waited_for(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkfifo(f"{folder}/fifo.png")
            self.assertEqual(preflight_emo.check(f"{folder}/fifo.png").outcome, "unknown")

    def test_options_are_the_commands(self):
        data = (GALLERY / "hana.png").read_bytes()
        self.assertEqual(preflight_emo.check(GALLERY / "hana.png").outcome, "pass")
        self.assertEqual(preflight_emo.check(GALLERY / "hana.png", strict=True).outcome, "reject")
        half = preflight_emo.check(data[: len(data) // 2], decode=True)
        self.assertEqual((half.outcome, half.stage), ("reject", "content"))
        self.assertEqual(preflight_emo.check(bytearray(data), decode=True).stage, "content")


class Urls(unittest.TestCase):
    def test_private_addresses_are_refused_unless_they_are_named(self):
        with serving() as server:
            refused = preflight_emo.check(f"{server}/anna.jpg")
            self.assertEqual(refused.findings[0]["code"], "PF007")
            fetched = preflight_emo.check(f"{server}/anna.jpg", allow_net=["127.0.0.0/8"])
            self.assertEqual((fetched.outcome, fetched.width), ("pass", 480))
            self.assertEqual(fetched.url, f"{server}/anna.jpg")
            self.assertGreater(fetched.http["requests"], 0)
            gone = preflight_emo.check(f"{server}/gone.jpg", allow_net=["127.0.0.0/8"])
            self.assertNotEqual(gone.outcome, "pass")

    def test_other_schemes_and_temporary_addresses_are_no_paths(self):
        self.assertEqual(preflight_emo.check("ftp://example.com/a.png").findings[0]["code"], "PF008")
        self.assertEqual(preflight_emo.check("oss://bucket/a.png").outcome, "skip")
        with self.assertRaisesRegex(ValueError, "check\\(\\) fetches URLs"):
            preflight_emo.size("https://example.com/a.png")


class Reports(unittest.TestCase):
    def test_attributes_are_the_fields_of_the_line(self):
        report = preflight_emo.check(SMALL)
        fields = report.to_dict()
        self.assertEqual(fields, json.loads(report.to_json()))
        for name, value in fields.items():
            self.assertEqual(getattr(report, name), value)
        self.assertIsNone(report.handoff)
        self.assertIsNone(report.same_as)
        with self.assertRaises(AttributeError):
            report.nosuch
        self.assertLessEqual(set(fields), set(dir(report)))

    def test_a_dict_is_the_callers_own(self):
        report = preflight_emo.check(SMALL)
        report.to_dict()["findings"].clear()
        self.assertEqual(len(report.findings), len(report.to_dict()["findings"]))

    def test_a_report_does_not_change(self):
        report = preflight_emo.check(SMALL)
        with self.assertRaises(AttributeError):
            report.outcome = "pass"
        with self.assertRaises(AttributeError):
            report.width = 500

    def test_it_is_pickled_compared_and_shown(self):
        report = preflight_emo.check(SMALL)
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(report, protocol))
            self.assertEqual(again, report)
            self.assertEqual(hash(again), hash(report))
        self.assertNotEqual(report, preflight_emo.check(ANNA))
        self.assertNotEqual(report, "a report")
        self.assertEqual(repr(report), "<Report: reject at limits: PF202>")

    def test_what_is_no_line_of_an_image_is_refused(self):
        for text in ["", "{}", '{"type":"summary"}', "\0", '{"outcome":"maybe"}']:
            with self.subTest(text), self.assertRaisesRegex(ValueError, "JSON line of an image"):
                preflight_emo.Report(text)

    def test_the_secret_of_an_url_is_in_no_short_text(self):
        report = preflight_emo.check("https://127.0.0.1/a.png?Signature=secret")
        self.assertNotIn("secret", repr(report))


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def peak():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    unittest.main()
