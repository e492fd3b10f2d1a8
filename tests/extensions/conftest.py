"""Packages with plugins, as if they were installed: on the path, with entry points."""

from __future__ import annotations

import importlib
import sys

import pytest
from support import ROOT

PACKAGE = ROOT / "tests" / "plugin_package"


@pytest.fixture
def install(tmp_path_factory, monkeypatch):
    """Put a package on the path that offers a plugin, from `value`."""

    def installed(package, plugin, value, version="1.0", code=None):
        folder = tmp_path_factory.mktemp("site")
        info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_text(
            f"[medt_gen.layers]\n{plugin} = {value}\n"
        )
        if code is not None:
            module = value.split(":")[0]
            (folder / f"{module}.py").write_text(code)
            monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(str(folder))
        importlib.invalidate_caches()
        return folder

    return installed


@pytest.fixture
def demo(install, monkeypatch):
    """The package of tests/plugin_package."""
    monkeypatch.syspath_prepend(str(PACKAGE))
    return install("demo-layers", "demo", "demo_layers:LAYERS", "1.2")
