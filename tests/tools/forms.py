"""Compares a figure's PNG with its SVG, as Chromium draws it, and with its PDF, as PDFium does: `forms.py RENDER FOLDER`.

A pixel differs when a channel is off by more than a fifth; edges are drawn a little differently by each, so pictures are
compared at 200 dots an inch after drawing them at 400.
"""

import pathlib
import subprocess
import sys

import numpy
import pypdf
import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

render, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
gallery = pathlib.Path(__file__).parents[1] / "gallery" / "data"
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist"]
INCHES, FINE, COARSE = (4, 3), 400, 200
KINDS = {
    "curve": ["chaos-1.h5"],
    "repeats": [f"bowl-{seed}.h5" for seed in range(1, 6)],
    "contour": ["chaos.h5"],
    "contourf": ["plane-surface.h5", "--trajectory", "line.h5", "--trajectory", "bezier.h5"],
    "heat": ["runs-surface.h5", "--trajectory", "runs.h5"],
    "surface3d": ["bowl.h5", "--floor"],
    "trajectory": ["runs.h5"],
    "along": ["line.h5", "bezier.h5"],
    "eig-ratio": ["chaos.h5", "--signed"],
    "stderr": ["bowl.h5"],
    "density": ["vit-density.h5"],
    "eigenvalues": ["vit-training.h5"],
}


def draw(kind, form):
    """The figure, drawn twice: the same bytes."""
    files = [gallery / word if word.endswith(".h5") else word for word in KINDS[kind]]
    path = folder / f"{kind}.{form}"
    command = [render, *files, "--plot", kind, "--size", "{}x{}".format(*INCHES), "--dpi", str(FINE),
               "--output", path, "--force", "--quiet"]
    subprocess.run(command, check=True)
    first = path.read_bytes()
    subprocess.run(command, check=True)
    assert path.read_bytes() == first, f"{path} differs from run to run"
    return path


def coarse(picture):
    size = tuple(inches * COARSE for inches in INCHES)
    return numpy.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX)).astype(int)


def from_pdf(path):
    page = pypdfium2.PdfDocument(path)[0]
    fonts = [font.get_object() for font in pypdf.PdfReader(path).pages[0]["/Resources"]["/Font"].values()]
    for font in fonts:
        descendant = font.get("/DescendantFonts", [font])[0].get_object()
        descriptor = descendant["/FontDescriptor"].get_object()
        assert any(f"/FontFile{kind}" in descriptor for kind in ("", 2, 3)), f"{path}: a font is not embedded"
    assert fonts
    return page.render(scale=FINE / 72).to_pil()


def from_svg(browser, path):
    scale = FINE / 96
    size = {"width": round(INCHES[0] * 96), "height": round(INCHES[1] * 96)}
    page = browser.new_page(viewport=size, device_scale_factor=scale)
    page.set_content(f'<style>*{{margin:0}}img{{display:block;width:{INCHES[0]}in}}</style><img src="data:image/svg+xml;base64,">')
    page.evaluate("(text) => { const image = document.querySelector('img');"
                  "image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text); return image.decode() }",
                  path.read_text())
    shot = folder / "shot.png"
    page.screenshot(path=shot)
    page.close()
    return Image.open(shot)


worst = {"svg": 0.0, "pdf": 0.0}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    for kind in KINDS:
        wanted = coarse(Image.open(draw(kind, "png")))
        others = {"svg": from_svg(browser, draw(kind, "svg")), "pdf": from_pdf(draw(kind, "pdf"))}
        for form, picture in others.items():
            share = (numpy.abs(coarse(picture) - wanted).max(axis=2) > 51).mean()
            print(f"  {kind} .{form}: {100 * share:.3f} % of the pixels differ", file=sys.stderr)
            worst[form] = max(worst[form], share)
    browser.close()
assert max(worst.values()) < 0.005, worst
print("forms: at most {svg:.3%} of the pixels of an SVG and {pdf:.3%} of a PDF differ from the PNG's".format(**worst))
