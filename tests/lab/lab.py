# SPDX-License-Identifier: Apache-2.0
"""What the fault, damage, scale and speed tests share: stations in a short private folder, runs of the program with and without
preload.c in front of libc, a look at what a run left behind, and a tally whose last line tests/run reads."""
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
LABELS = ["--label", "TLP:AMBER", "--label", "PD:NONE"]
TIMEOUT_S = 120
# What each error exits with, read from the one table that defines it.
with open(os.path.join(TESTS, "..", "src", "base", "err.h"), encoding="utf-8") as table:
    ERRORS = {name: int(status) for name, status in re.findall(r'X\(\w+, "([a-z-]+)", (\d+),', table.read())}


def in_ci():
    return os.environ.get("CI") == "true"


def find_valise():
    """The program under test: $1 or $VALISE."""
    given = [a for a in sys.argv[1:] if not a.startswith("-")]
    path = os.path.abspath(given[0] if given else os.environ.get("VALISE", "build/release/valise"))
    if not os.access(path, os.X_OK):
        sys.exit(f"{path}: no such program; run make first")
    return path


def build_preload(valise):
    """preload.c, compiled beside the program where that is new enough, else once more."""
    source = os.path.join(HERE, "preload.c")
    target = os.path.join(os.path.dirname(valise), "tests", "lab", "preload.so")
    if not os.access(os.path.dirname(valise), os.W_OK):
        target = os.path.join(tempfile.gettempdir(), f"valise-preload-{os.getuid()}.so")
    if os.path.exists(target) and os.path.getmtime(target) >= os.path.getmtime(source):
        return target
    os.makedirs(os.path.dirname(target), exist_ok=True)
    fresh = f"{target}.{os.getpid()}.{threading.get_ident()}"  # others may be compiling it as well
    command = [os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-fPIC", "-shared", "-fvisibility=hidden"]
    subprocess.run([*command, "-o", fresh, source, "-ldl"], check=True)
    os.replace(fresh, target)
    return target


class Run:
    """How one run ended."""

    def __init__(self, status, out, err, seconds):
        self.status, self.out, self.err, self.seconds = status, out, err, seconds
        self.json, self.code = None, None
        try:
            self.json = json.loads(out)
            self.code = self.json.get("error", {}).get("code")
        except (ValueError, AttributeError):
            pass

    @property
    def signal(self):
        return -self.status if self.status < 0 else 0

    def __str__(self):
        text = (self.json or {}).get("error", {}).get("message") or self.err.strip()[-200:]
        how = f"signal {self.signal}" if self.signal else f"exit {self.status}"
        return f"{how} {self.code or ''} ({text})"

    def clean_failure(self, *exits):
        """None where the run failed with a name that has this exit status, and with one of the exits allowed; else why not."""
        if self.status < 0 or self.status not in exits:
            return f"expected exit {'/'.join(map(str, exits))}, got {self}"
        if self.code not in ERRORS or ERRORS[self.code] != self.status:
            return f"the error has no right name: {self}"
        return None


class Lab:
    """A folder with two stations, alice who sends and bob who receives. Paths are short: sockets have some hundred bytes."""

    def __init__(self, valise, where=None):
        self.valise = valise
        self.root = tempfile.mkdtemp(prefix="vl-", dir=where or "/tmp")
        self.preload = None
        self.cases = 0
        self.lock = threading.Lock()
        # Where this was started in the background SIGINT is ignored, and would be by all that are started from here.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end_agents()
        subprocess.run(["chmod", "-R", "u+rwX", self.root], check=False, capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def end_agents(self):
        """Agents of runs that were killed: each in a private folder of ours. They go when their socket goes; ask first."""
        for where, folders, _ in os.walk(self.root):
            for name in folders:
                if name.startswith("valise-") or name == "gnupg":
                    home = os.path.join(where, name)
                    if os.path.exists(os.path.join(home, "S.gpg-agent")):
                        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)

    def agents_left(self):
        """Processes that have a path of ours among their arguments."""
        left = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
            except OSError:
                continue
            if int(pid) != os.getpid() and any(w.startswith(self.root.encode()) for w in words):
                left.append((int(pid), b" ".join(words).decode(errors="replace")))
        return left

    def new_folder(self, prefix="c"):
        with self.lock:
            self.cases += 1
            path = os.path.join(self.root, f"{prefix}{self.cases}")
        os.mkdir(path)
        return path

    def environment(self, private, faults=None):
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.root, "LC_ALL": "C.UTF-8", "TZ": "UTC",
               "TMPDIR": private, "XDG_RUNTIME_DIR": private}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        if faults is not None:
            if self.preload is None:
                self.preload = build_preload(self.valise)
            env["LD_PRELOAD"] = self.preload
            env.update({name: str(value) for name, value in faults.items()})
        return env

    def run(self, home, *args, private=None, faults=None, cwd=None, timeout=TIMEOUT_S, **more):
        """valise --home HOME --json ARGS. private: the folder for its private folders, else one that is removed again."""
        own = private is None
        private = private or self.new_folder("p")
        before = time.monotonic()
        command = [self.valise, *(["--home", home] if home else []), "--json", *args]
        try:
            done = subprocess.run(command, env=self.environment(private, faults), cwd=cwd or self.root,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
                                  start_new_session=True, **more)
            result = Run(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
                         time.monotonic() - before)
        except subprocess.TimeoutExpired:
            result = Run(-signal.SIGALRM, "", f"not done after {timeout} s", timeout)
        if own:
            result.left = os.listdir(private)
            shutil.rmtree(private, ignore_errors=True)
        return result

    def must(self, home, *args, **more):
        done = self.run(home, *args, **more)
        if done.status != 0:
            sys.exit(f"valise {' '.join(args)}: {done}")
        return done

    def make_station(self, name, *more, organisation=None):
        home = os.path.join(self.root, name)
        self.must(home, "init", "--name", name.capitalize(), "--organisation", organisation or f"Org {name.capitalize()}", *more)
        return home

    def take_card(self, name, home):
        """Writes the card of a station, and remembers its fingerprint."""
        card = os.path.join(self.root, f"{name}.card")
        self.must(home, "card", "-o", card)
        with open(card, encoding="utf-8") as f:
            self.fingerprints[name] = re.search('fingerprint: "([0-9A-F]+)"', f.read()).group(1)

    def know(self, home, other, *more):
        self.must(home, "partner", "add", os.path.join(self.root, f"{other}.card"), "--as", other, "--fingerprint",
                  self.fingerprints[other], *more)

    def make_pair(self):
        """alice and bob, who know each other. Nobody works in these two homes later: cases copy them. The courier may be used by
        all at once."""
        ceilings = ["--ceiling", "TLP:RED", "--ceiling", "PD:PERSONAL"]
        self.alice = self.make_station("alice", *ceilings, "--no-passphrase")
        self.bob = self.make_station("bob", *ceilings, "--no-passphrase")
        self.fingerprints = {}
        for name, home in (("alice", self.alice), ("bob", self.bob)):
            self.take_card(name, home)
        for home, other in ((self.alice, "bob"), (self.bob, "alice")):
            self.know(home, other, *ceilings)
        self.courier = self.copy_home(self.bob, self.new_folder("home"))

    def make_approvers(self):
        """two_alice, an alice for whom two must sign; ann, who approves what alice sends; all know her, the courier too."""
        self.ann = self.make_station("ann", "--ceiling", "TLP:RED", "--ceiling", "PD:PERSONAL", "--no-passphrase",
                                     organisation="Org Alice")
        self.take_card("ann", self.ann)
        self.know(self.ann, "alice", "--role", "send")
        self.two_alice = self.copy_home(self.alice, self.new_folder("two"))
        self.know(self.two_alice, "ann", "--role", "approve", "--ceiling", "TLP:RED")
        self.know(self.courier, "ann", "--role", "approve")
        station = os.path.join(self.two_alice, "station.yaml")
        with open(station, encoding="utf-8") as f:
            text = f.read()
        with open(station, "w", encoding="utf-8") as f:
            f.write(text.replace("approvals: {}", 'approvals: {"tlp/amber": 2}'))

    def pack(self, home, out, *sources, **more):
        return self.run(home, "pack", "--to", "bob", *LABELS, "--yes", "-o", out, *sources, **more)

    def copy_home(self, home, folder):
        """A station to spoil: its own ledger, the same keys."""
        copy = os.path.join(folder, os.path.basename(home))
        shutil.copytree(home, copy, symlinks=True, ignore=shutil.ignore_patterns("S.*", "*.lock"))
        return copy

    def sent(self, home):
        """The sequence numbers that the ledger of this station tells as sent, waiting, void or still sealing."""
        entries = self.must(home, "ledger", "list").json["entries"]
        return [(e["sequence"], e["event"]) for e in entries if e["event"] in ("sent", "pending", "sealing", "void")]


def write_tree(folder, files, seed=1):
    """files: path -> size, of bytes that do not compress."""
    source = random.Random(seed)
    for path, size in files.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(source.randbytes(size))


def same_tree(a, b):
    return subprocess.run(["diff", "-r", "-q", a, b], capture_output=True, check=False).returncode == 0


class Tally:
    """Counts outcomes; tells each failure at once and the sum at the end."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def check(self, name, wrong):
        """wrong: None or "" where all is well, else what is not."""
        with self.lock:
            if wrong:
                self.failed += 1
                print(f"not ok {name}: {wrong}", flush=True)
            else:
                self.passed += 1

    def skip(self, name, why):
        """What this machine cannot do is skipped, and fails where CI=true."""
        if in_ci():
            self.check(name, f"cannot be tested here: {why}")
            return
        with self.lock:
            self.skipped += 1
            print(f"skipped {name}: {why}", flush=True)

    def each(self, work, cases, jobs=2):
        """work(case) for all cases, two at a time; its exceptions are failures."""
        def one(case):
            try:
                work(case)
            except Exception as error:  # pylint: disable=broad-except
                self.check(str(case)[:80], f"{type(error).__name__}: {error}")
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(one, cases))

    def end(self):
        more = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{more}", flush=True)
        sys.exit(1 if self.failed or not self.passed + self.skipped else 0)
