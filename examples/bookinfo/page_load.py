# SPDX-License-Identifier: Apache-2.0
"""Load: clients that read the product page over and over, and what became of each request."""

import collections
import http.client
import re
import threading
import time

VERSION = re.compile(r'id="reviews-version">reviews-(v\d)<')
NOTE = re.compile(r'class="note">([^<]*)')


class Load:
    """16 clients on connections that they keep. A request fails when it gets no answer, another
    status than 200, or a page of which a part is missing. Use it in a `with` statement."""

    def __init__(self, port, clients=16):
        self.port = port
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.answers, self.failures = [], []  # (time, version), (time, reason)
        self.threads = [threading.Thread(target=self._read, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, error, traceback):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        if error and self.failures:  # whatever else is wrong: no request may fail
            raise RuntimeError(f"{error}; {self.describe_failures()}") from error

    def _read(self):
        connection = None
        while not self.stopping.is_set():
            start = time.monotonic()
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port,
                                                                  timeout=20)
            try:
                connection.request("GET", "/productpage")
                response = connection.getresponse()
                status, page, closes = response.status, response.read().decode(), response.will_close
                self._judge(start, status, page)
            except (OSError, http.client.HTTPException) as error:
                closes = True
                self._fail(start, repr(error))
            if closes:
                connection.close()
                connection = None

    def _judge(self, start, status, page):
        version, notes = VERSION.search(page), NOTE.findall(page)
        if status != 200:
            self._fail(start, f"{status} {page[:200]}")
        elif notes or not version:
            self._fail(start, f"a part is missing: {notes}")
        else:
            with self.lock:
                self.answers.append((start, version.group(1)))

    def _fail(self, start, reason):
        with self.lock:
            self.failures.append((start, reason))
        time.sleep(0.01)

    def run_for(self, requests, seconds=60):
        """Waits for that many more requests."""
        wanted, deadline = self.count() + requests, time.monotonic() + seconds
        while self.count() < wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{requests} requests took over {seconds} s; "
                                   f"{self.describe_failures()}")
            time.sleep(0.005)

    def count(self):
        with self.lock:
            return len(self.answers) + len(self.failures)

    def since(self, start):
        """The versions that requests saw which began after that, in the order of their ends."""
        with self.lock:
            return [version for at, version in self.answers if at >= start]

    def describe_failures(self):
        with self.lock:
            kinds = collections.Counter(reason for _, reason in self.failures)
        described = f"{sum(kinds.values())} of {self.count()} requests failed"
        return f"{described}: {kinds.most_common(3)}" if kinds else described

    def check_failures(self):
        if self.failures:
            raise RuntimeError(self.describe_failures())
        return self.describe_failures()
