#!/bin/sh
# Fetches axe-core (MPL-2.0), with which the browser tests look for what keeps people out; it is nobody's dependency but theirs.
set -eu
cd "$(dirname "$0")/.."
version=0.1.8
if [ -e ".build/browser/axe-$version" ]; then exit 0; fi
mkdir -p .build/browser
python3 - "$version" <<'END'
import pathlib, subprocess, sys, tempfile, zipfile
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "axe-playwright-python==" + sys.argv[1]], check=True)
    wheel = next(pathlib.Path(folder).glob("*.whl"))
    pathlib.Path(".build/browser/axe.min.js").write_bytes(zipfile.ZipFile(wheel).read("axe_playwright_python/axe.min.js"))
END
touch ".build/browser/axe-$version"
