"""`check_many`: order, bounds, errors, and how it ends."""

import itertools
import signal
import subprocess
import sys
import threading
import time
import unittest

import preflight_emo
from support import ANNA, DEADLINE, GALLERY, SMALL, python, serving


class Many(unittest.TestCase):
    def test_reports_come_in_the_order_of_the_sources(self):
        images = sorted(path for path in GALLERY.iterdir() if path.is_file())
        sources = list(itertools.islice(itertools.cycle(images + [ANNA.read_bytes(), bytearray(b"GIF")]), 3000))
        one_by_one = {str(source): preflight_emo.check(source) for source in sources}
        for jobs in [None, 1, 3]:
            many = list(preflight_emo.check_many(sources, jobs=jobs))
            self.assertEqual(many, [one_by_one[str(source)] for source in sources])

    def test_pixels_are_looked_at_in_the_same_order(self):
        images = sorted(path for path in GALLERY.iterdir() if path.is_file()) * 2
        sources = [path if at % 2 else path.read_bytes() for at, path in enumerate(images)]
        expected = [preflight_emo.check(source, decode=True) for source in sources]
        self.assertEqual(list(preflight_emo.check_many(sources, decode=True)), expected)

    def test_no_more_is_taken_than_the_window_holds(self):
        taken = itertools.count()
        sources = (ANNA for _ in taken)
        reports = preflight_emo.check_many(sources)
        next(reports)
        self.assertLessEqual(next(taken), 1100)

    def test_a_slow_source_holds_up_no_report(self):
        taken = []

        def slowly():
            for _ in range(9):
                time.sleep(0.005)
                taken.append(True)
                yield ANNA.read_bytes()

        for at, _ in enumerate(preflight_emo.check_many(slowly())):
            self.assertLessEqual(len(taken), at + 2)

    def test_an_error_of_the_source_comes_after_the_reports_before_it(self):
        def failing():
            yield from [ANNA, SMALL]
            raise KeyError("the source is broken")

        reports = preflight_emo.check_many(failing())
        self.assertEqual([next(reports).outcome, next(reports).outcome], ["pass", "reject"])
        with self.assertRaisesRegex(KeyError, "the source is broken"):
            next(reports)
        self.assertEqual(list(reports), [])

    def test_a_wrong_source_is_misuse_and_comes_in_its_place(self):
        reports = preflight_emo.check_many([ANNA, None, ANNA])
        self.assertEqual(next(reports).outcome, "pass")
        with self.assertRaisesRegex(TypeError, "NoneType"):
            next(reports)

    def test_misuse_is_told_at_once(self):
        with self.assertRaises(TypeError):
            preflight_emo.check_many(7)
        for jobs in [0, -1, 100_000]:
            with self.assertRaisesRegex(ValueError, "job"):
                preflight_emo.check_many([], jobs=jobs)
        self.assertEqual(list(preflight_emo.check_many([])), [])

    def test_urls_are_fetched_at_once(self):
        gate = threading.Barrier(4, timeout=DEADLINE)

        class Together(__import__("http.server").server.BaseHTTPRequestHandler):
            def do_GET(self):
                gate.wait()  # answers none until four are here
                self.send_response(404)
                self.end_headers()

            def log_message(self, *_):
                pass

        with serving(Together) as server:
            urls = [f"{server}/{at}.png" for at in range(4)]
            reports = preflight_emo.check_many(urls, allow_net=["127.0.0.1"], timeout=30)
            self.assertEqual([report.url for report in reports], urls)

    def test_threads_may_share_all_of_it(self):
        def work(found):
            found.extend(report.outcome for report in preflight_emo.check_many([ANNA, SMALL] * 200))

        results = [[] for _ in range(8)]
        threads = [threading.Thread(target=work, args=(found,)) for found in results]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)
        self.assertTrue(all(found == ["pass", "reject"] * 200 for found in results))


class Ends(unittest.TestCase):
    def test_ctrl_c_ends_a_wait_at_once(self):
        # A shell that starts the tests in the background has the signal ignored, which is inherited.
        code = """
import signal, socket, sys, preflight_emo
signal.signal(signal.SIGINT, signal.default_int_handler)
listener = socket.create_server(("127.0.0.1", 0))  # takes connections, and says nothing
url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
options = {"allow_net": ["127.0.0.1"], "timeout": 60}
print("ready", flush=True)
try:
    if sys.argv[1] == "many":
        list(preflight_emo.check_many([url] * 50, **options))
    elif sys.argv[1] == "endless":
        for _ in preflight_emo.check_many(iter(lambda: b"", None)): pass
    else:
        preflight_emo.check(url, **options)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
        for what in ["one", "many", "endless"]:
            with self.subTest(what):
                process = subprocess.Popen([sys.executable, "-c", code, what], stdout=subprocess.PIPE, text=True)
                self.addCleanup(process.kill)
                self.assertEqual(process.stdout.readline(), "ready\n")
                time.sleep(0.5)
                process.send_signal(signal.SIGINT)
                said, _ = process.communicate(timeout=10)
                self.assertEqual((said, process.returncode), ("interrupted\n", 0))

    def test_one_that_is_left_half_way_costs_nothing_more(self):
        code = """
import itertools, preflight_emo, threading, time, os
for _ in range(20):
    reports = preflight_emo.check_many(itertools.repeat("fixtures/gallery/anna.jpg"))
    next(reports)
    del reports
deadline = time.monotonic() + 20
while len(os.listdir("/proc/self/task")) > 3 and time.monotonic() < deadline: time.sleep(0.05)
print(len(os.listdir("/proc/self/task")) <= 3)
"""
        ended = python(code, cwd=GALLERY.parents[1])
        self.assertEqual((ended.stdout, ended.returncode), ("True\n", 0), ended.stderr)


if __name__ == "__main__":
    unittest.main()
