"""The program that carries the packets: built when it is needed, driven through its standard input."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).with_name("impair.c")
BUILT = pathlib.Path(__file__).resolve().parents[3] / ".build" / "impair"


def program():
    """The path of the built program; its name has the source's digest, so that it is never out of date."""
    path = BUILT / hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    if not path.exists():
        compiler = shutil.which("clang") or shutil.which("cc")
        assert compiler, "the impaired link needs a C compiler: clang, which comes with Swift, or cc"
        BUILT.mkdir(parents=True, exist_ok=True)
        # Under a name of this process's own first: another one may build it at the same time.
        fresh = path.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, "-std=c17", "-O2", "-Wall", "-Wextra", "-Werror", "-o", fresh, SOURCE], check=True)
        fresh.rename(path)
    return path


class Line:
    """One running program, between two devices that are there when this returns."""

    def __init__(self, near, far, seed):
        self.process = subprocess.Popen(
            [program(), near, far, str(seed)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if self.process.stdout.readline() != "ready\n":
            error = self.process.communicate()[1].strip()
            raise RuntimeError(f"no impaired link: {error} (it needs root and /dev/net/tun)")

    def ask(self, command):
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"the impaired link has ended: {self.process.communicate()[1].strip()}")
        if answer.startswith("error "):
            raise ValueError(f"{command}: {answer.removeprefix('error ')}")
        return answer

    def counters(self):
        return json.loads(self.ask("counters"))

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
