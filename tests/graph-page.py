"""Looks at the page of "ovn-nbctl graph --format=html" in Chromium.

usage: graph-page.py PAGE WORD N NODE...

Fails unless the page runs without errors, has for each NODE (the text of an
item of its list, up to a space) a drawn shape, shows N items after a search
for WORD, and all again after that.  Exit status 77 means that there is no
Chromium or no driver for it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

SCRIPT = """
const word = arguments[0];
const get = id => document.getElementById(id);
const items = [...document.querySelectorAll('#list details')];
const shown = () => items.filter(i => !i.hidden).length;
const type = text => {
    get('q').value = text;
    get('q').dispatchEvent(new Event('input'));
};
const box = () => get('map').querySelector('svg').getAttribute('viewBox');
const result = {
    names: items.map(i => i.querySelector('summary').textContent),
    shapes: items.filter(i => get(i.dataset.node)
                              .getBBox().width > 10).length,
    scripts: document.scripts.length,
    hacked: 'hacked' in window,
};
type(word);
result.hits = shown();
result.dim = document.querySelectorAll('.node.dim').length;
result.found = get('found').textContent;
type('');
result.all = shown();
const before = box();
get('in').click();
result.zooms = box() != before;
get('all').click();
result.unzooms = box() == before;
items[0].querySelector('summary').click();
const marked = get(items[0].dataset.node);
result.marked = marked.classList.contains('mark');
// What is linked to it stands out.
const drawn = q => [...document.querySelectorAll(q)];
const edges = drawn('.edge'), lit = edges.filter(
    e => !e.classList.contains('dim'));
result.lit = (lit.every(e => e.ends.includes(marked.id))
              && edges.every(e => lit.includes(e)
                             || !e.ends.includes(marked.id))
              && drawn('.node').every(
                  n => n == marked || n.classList.contains('dim')
                       != lit.some(e => e.ends.includes(n.id))));
document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}));
result.unlit = !drawn('.dim, .mark').length;
// A search goes from hit to hit.
type(word);
const enter = () => {
    get('q').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
    return drawn('.mark')[0].id;
};
const hits = items.filter(i => !i.hidden).map(i => i.dataset.node);
result.walks = hits.concat(hits[0]).every(id => enter() == id);
return result;
"""


class Driver:
    """A session with chromedriver, in the protocol WebDriver of the W3C."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, cwd=folder,
            env={**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder,
                 "XDG_CACHE_HOME": folder})
        self.base = None
        for line in self.process.stdout:
            if "started successfully on port" in line:
                port = line.split()[-1].rstrip(".")
                self.base = "http://127.0.0.1:%s/session" % port
                break
        options = {"args": ["--headless", "--no-sandbox", "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--window-size=1200,800",
                            "--user-data-dir=" + folder]}
        reply = self.post("", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += "/" + reply["sessionId"]

    def post(self, path, value, method="POST"):
        request = urllib.request.Request(
            self.base + path, json.dumps(value).encode(),
            {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as stream:
                return json.load(stream)["value"]
        except urllib.error.HTTPError as error:
            sys.exit("chromedriver: " + error.read().decode())

    def close(self):
        try:
            if self.base:
                self.post("", {}, "DELETE")
        finally:
            self.process.terminate()
            self.process.wait()


def look(page, word):
    """Returns the script's result, and what the browser complained of."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = Driver(folder)
        try:
            driver.post("/url", {"url": "file://" + os.path.abspath(page)})
            result = driver.post("/execute/sync",
                                 {"script": SCRIPT, "args": [word]})
            return result, driver.post("/se/log", {"type": "browser"})
        finally:
            driver.close()


def main():
    page, word, n_hits, *nodes = sys.argv[1:]
    for program in "chromium", "chromedriver":
        if not shutil.which(program):
            print("skipped: there is no " + program)
            sys.exit(77)

    result, complaints = look(page, word)
    print(json.dumps(result, indent=1, ensure_ascii=False))
    n = len(result["names"])
    wrong = [entry["message"] for entry in complaints]
    for node in nodes:
        if not any(node + " " in name + " " for name in result["names"]):
            wrong.append("no node " + node)
    wrong += [key for key, value in (
        ("shapes", n), ("scripts", 1), ("hacked", False),
        ("hits", int(n_hits)), ("dim", n - int(n_hits)), ("all", n),
        ("found", "%s of %d" % (n_hits, n)), ("zooms", True),
        ("unzooms", True), ("marked", True), ("lit", True),
        ("unlit", True), ("walks", True)) if result[key] != value]
    if wrong:
        sys.exit("wrong: " + "; ".join(wrong))


main()
