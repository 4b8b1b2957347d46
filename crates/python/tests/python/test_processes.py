"""Forks, worker processes, threads, and the end of the interpreter."""

import concurrent.futures
import multiprocessing
import os
import unittest

import preflight_emo
from support import ANNA, DEADLINE, SMALL, python, serving

LOOPBACK = ["127.0.0.1"]


def outcome(source):
    return preflight_emo.check(source, allow_net=LOOPBACK)


def die(_):
    preflight_emo.check(ANNA)
    os._exit(7)


class Processes(unittest.TestCase):
    def test_a_child_that_was_forked_has_threads_and_connections_of_its_own(self):
        with serving() as server:
            url = f"{server}/anna.jpg"
            many = preflight_emo.check_many([url] * 9, allow_net=LOOPBACK)
            gate = preflight_emo.Gate(allow_net=LOOPBACK)
            self.assertEqual([outcome(url).outcome, next(many).outcome, gate.screen(url).outcome], ["pass"] * 3)
            child = os.fork()
            if child == 0:
                found = [outcome(url).outcome, outcome(ANNA).outcome, gate.screen(url).outcome]
                found += [report.outcome for report in preflight_emo.check_many([url], allow_net=LOOPBACK)]
                try:
                    next(many)
                except RuntimeError:
                    found.append("refused")
                del many
                os._exit(0 if found == ["pass"] * 4 + ["refused"] else 1)
            _, status = os.waitpid(child, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), 0)
            self.assertEqual([report.outcome for report in many], ["pass"] * 8)
            self.assertEqual(outcome(url).outcome, "pass")

    def test_workers_take_sources_and_give_reports(self):
        with serving() as server:
            sources = [str(ANNA), f"{server}/anna.jpg", SMALL.read_bytes()] * 5
            expected = [outcome(source) for source in sources]
            for method in ["fork", "spawn"]:
                with multiprocessing.get_context(method).Pool(2) as pool:
                    found = pool.map_async(outcome, sources).get(DEADLINE)
                self.assertEqual([it.outcome for it in found], [it.outcome for it in expected])
                self.assertEqual(found[0], expected[0])

    def test_a_worker_that_dies_takes_nobody_along(self):
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
            with self.assertRaises(concurrent.futures.process.BrokenProcessPool):
                pool.submit(die, None).result(DEADLINE)
        self.assertEqual(preflight_emo.check(ANNA).outcome, "pass")

    def test_the_interpreter_ends_with_work_under_way(self):
        code = """
import itertools, socket, sys, threading, time, preflight_emo
listener = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
def endless():
    for _ in preflight_emo.check_many(itertools.repeat(sys.argv[1]), decode=True): pass
def waiting():
    preflight_emo.check(url, allow_net=["127.0.0.1"], timeout=60)
def busy():
    while True: preflight_emo.check(sys.argv[1])
for work in [endless, waiting, busy] * 2:
    threading.Thread(target=work, daemon=True).start()
reports = preflight_emo.check_many([url] * 9, allow_net=["127.0.0.1"], timeout=60)
threading.Thread(target=next, args=(reports,), daemon=True).start()
time.sleep(0.5)
print("end")
"""
        for _ in range(3):
            ended = python(code, ANNA)
            self.assertEqual((ended.stdout, ended.returncode), ("end\n", 0), ended.stderr)


if __name__ == "__main__":
    unittest.main()
