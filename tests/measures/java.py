"""Whether Spark can be had, which runs on Java."""

from __future__ import annotations

import shutil

import pytest

NO_JAVA = "Spark was not tested: Java is missing. Install it: apt-get install -y openjdk-17-jre-headless"
needs_java = pytest.mark.skipif(shutil.which("java") is None, reason=NO_JAVA)
