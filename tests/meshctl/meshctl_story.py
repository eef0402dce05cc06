#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a user of meshctl sees. Usage: meshctl_story.py MESHCTL ROOT"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

MESHCTL, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])

ROUTES = """
apiVersion: v1
kind: Service
metadata: {name: reviews}
spec:
  selector: {app: reviews}
  ports: [{name: http, port: 9080}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - match: [{headers: {end-user: {exact: jason}}}]
    route: [{destination: {host: reviews, subset: v2}}]
  - match: [{uri: {exact: /old}}]
    redirect: {uri: /new}
  - route: [{destination: {host: reviews, subset: v1}}]
    timeout: 2s
"""


def meshctl(*arguments, text=None, environment=None):
    return subprocess.run([MESHCTL, *map(str, arguments)], capture_output=True, text=True,
                          input=text, timeout=60, check=False,
                          env={**os.environ, **(environment or {})})


class MeshctlStory(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.mesh = pathlib.Path(self.directory.name)
        (self.mesh / "reviews.yaml").write_text(ROUTES)
        self.control_plane = ["--control-plane", f"yaml:{self.mesh}"]

    def tearDown(self):
        self.directory.cleanup()

    def explain(self, url, *arguments):
        result = meshctl("explain", url, "--output", "json", *self.control_plane, *arguments)
        return json.loads(result.stdout)

    def test_explain_names_the_route_and_its_object(self):
        answer = self.explain("http://reviews:9080/reviews/0")
        self.assertEqual(answer["object"], "VirtualService default/reviews http[2]")
        self.assertEqual([c["name"] for c in answer["clusters"]],
                         ["outbound|9080|v1|reviews.default.svc.cluster.local"])
        self.assertEqual(answer["timeout_ms"], 2000)

    def test_explain_follows_headers(self):
        answer = self.explain("http://reviews:9080/", "-H", "end-user: jason")
        self.assertEqual([c["name"] for c in answer["clusters"]],
                         ["outbound|9080|v2|reviews.default.svc.cluster.local"])

    def test_explain_in_words(self):
        result = meshctl("explain", "http://reviews:9080/", *self.control_plane)
        self.assertIn("VirtualService default/reviews", result.stdout)

    def test_batch_answers_one_line_each(self):
        lines = "\n".join(['{"url":"http://reviews:9080/"}', "garbage",
                           '{"url":"http://reviews:9080/old"}',
                           '{"url":"http://reviews:9080/","headers":[["end-user","jason"]]}'])
        result = meshctl("explain", "--batch", "-", *self.control_plane, text=lines + "\n")
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), 4, result.stderr)
        self.assertIn("error", answers[1])
        self.assertEqual((answers[2]["status"], answers[2]["location"]),
                         (301, "http://reviews:9080/new"))
        self.assertIn("|v2|", answers[3]["clusters"][0]["name"])

    def test_check_finds_nothing_in_good_files(self):
        result = meshctl("check", self.mesh)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_check_names_place_and_cause(self):
        (self.mesh / "bad.yaml").write_text(ROUTES.replace("name: reviews}", "name: other}")
                                            .replace("subset: v2", "subset: v9"))
        result = meshctl("check", self.mesh, "--output", "json")
        self.assertEqual(result.returncode, 1)
        problems = json.loads(result.stdout)
        self.assertTrue(any("v9" in p["text"] and p["file"].endswith("bad.yaml") and p["line"] > 0
                            for p in problems), problems)

    def test_check_of_a_missing_directory_names_it(self):
        result = meshctl("check", self.mesh / "none")
        self.assertEqual(result.returncode, 1)
        self.assertIn("none", result.stdout)

    def test_a_malformed_command_line_is_refused(self):
        self.assertNotEqual(meshctl("gateway", "--listen", "8080").returncode, 0)
        self.assertNotEqual(meshctl("explain").returncode, 0)
        self.assertIn("MESHLIB_CONTROL_PLANE", meshctl("call", "http://a/").stderr)

    def test_both_variants_of_xds_explain_alike(self):
        server = subprocess.Popen([MESHCTL, "serve", self.mesh, "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            address = next(found for found in (re.search(r"127\.0\.0\.1:(?!0)\d+", line)
                                               for line in server.stdout) if found).group()
            answers = [meshctl("explain", "http://reviews:9080/reviews/0", "--output", "json",
                               "--control-plane", f"grpc://{address}",
                               environment={"MESHLIB_XDS_DELTA": delta}) for delta in ("0", "1")]
        finally:
            server.terminate()
            server.communicate(timeout=60)
        self.assertIn("VirtualService default/reviews http[2]", answers[0].stdout, answers[0])
        self.assertEqual(answers[0].stdout, answers[1].stdout)

    def test_an_environment_that_says_nonsense_is_refused(self):
        result = meshctl("explain", "http://a/", *self.control_plane,
                         environment={"MESHLIB_XDS_DELTA": "perhaps"})
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("MESHLIB_XDS_DELTA", result.stderr)

    def test_serve_says_when_its_port_is_taken(self):
        result = meshctl("serve", self.mesh, "--listen", "127.0.0.1:1:1")
        self.assertNotEqual(result.returncode, 0)
        result = meshctl("serve", self.mesh / "none", "--listen", "127.0.0.1:0")
        self.assertIn("none", result.stderr)


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    unittest.main()
