"""Where things are, and servers to test against."""

import contextlib
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
GALLERY = ROOT / "fixtures" / "gallery"
ANNA = GALLERY / "anna.jpg"  # fit
SMALL = GALLERY / "thumbnail.jpg"  # 399 x 500, too small
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# How long anything may take: a wait without an end is a failure, and not a test that hangs.
DEADLINE = 60


def built(name):
    """A program that cargo has built."""
    for profile in ("debug", "release", "dist"):
        if (program := TARGET / profile / name).exists():
            return str(program)
    raise FileNotFoundError(f"{name}: cargo build has not made it")


def python(code, *arguments, **options):
    """Runs Python in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, **options)


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler=None):
    """A server on this machine: the gallery, unless it is told otherwise. Gives its address."""
    if handler is None:
        handler = lambda *words: Files(*words, directory=GALLERY)  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def standin(*flags):
    """The stand-in as a server of its own. Gives its base URL."""
    command = [built("emo-standin"), "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            for line in server.stdout:
                if "http://" in line:
                    yield "http://" + line.split("http://")[1].split()[0].rstrip(".,")
                    return
            raise AssertionError("the stand-in ended before it said where it listens")
        finally:
            server.kill()
