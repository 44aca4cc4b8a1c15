"""Opens pages of render in headless Chromium and uses them as a person would: `browser.py RENDER FOLDER [--keep]`.

Screenshots are left in FOLDER.
"""

import io
import json
import pathlib
import re
import subprocess
import sys

import h5py
import numpy
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

render, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
gallery = pathlib.Path(__file__).parents[1] / "gallery" / "data"
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist"]
# what would be a script, were it not text
TITLE = "A </script><script>document.title='broken'</script> & <b>title</b> {data}"


def draw(name, *arguments):
    page = folder / name
    subprocess.run([render, *map(str, arguments), "--output", page, "--force", "--quiet"], check=True)
    return page


def differs(a, b):
    """Share of pixels that differ visibly."""
    difference = numpy.asarray(ImageChops.difference(a, b)).max(axis=2)
    return (difference > 24).mean()


class Page:
    """A page that was opened, and everything that went wrong there."""

    def __init__(self, browser, file, width, height):
        self.wrong = []
        self.page = browser.new_page(viewport={"width": width, "height": height}, has_touch=width < 500)
        # a slow machine draws slowly; a browser that has died is an error at once
        self.page.set_default_timeout(0)
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.wrong.append(said.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        allowed = ("file:", "data:", "blob:")
        self.page.on("request", lambda asked: asked.url.startswith(allowed) or self.wrong.append(asked.url))
        self.page.goto(f"file://{file}")
        self.settle()

    def settle(self):
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def shot(self, selector, index=0):
        self.settle()
        return Image.open(io.BytesIO(self.page.locator(selector).nth(index).screenshot())).convert("RGB")

    def value(self, selector, index=0, at=(0.5, 0.5)):
        """What is read out under a place of a canvas: (x, y, text)."""
        canvas = self.page.locator(selector).nth(index)
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        self.page.mouse.move(box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"])
        self.settle()
        text = self.page.locator("#readout").inner_text().replace("−", "-")
        found = re.search(r"x = (\S+), y = (\S+): (.*)", text)
        assert found, text
        return float(found[1]), float(found[2]), found[3]


def number(text):
    """The last number of a text, such as 1.22×10⁴."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    found = re.search(r"(-?[\d.]+)(?:×?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$", text)
    return float(found[1]) * 10 ** int((found[2] or "⁰").translate(raised))


def check_values(page, surface, metric, selector, places):
    with h5py.File(surface) as f:
        xs, ys, values = f["xcoordinates"][:], f["ycoordinates"][:], f[metric][:]
    for at in places:
        x, y, text = page.value(selector, at=at)
        wanted = values[numpy.abs(ys - y).argmin(), numpy.abs(xs - x).argmin()]
        assert abs(number(text) - wanted) <= 2e-5 * abs(wanted), (selector, at, x, y, text, wanted)


def explore(browser, file, surface, width, height):
    page = Page(browser, file, width, height)
    assert page.page.title() == TITLE, page.page.title()
    wide = page.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels too wide at {width}"
    for name in ("solid", "plane"):
        shot = numpy.asarray(page.shot(f"canvas.{name}"))
        coloured = (shot.max(axis=2).astype(int) - shot.min(axis=2) > 40).mean()
        assert coloured > 0.1, (name, coloured)
    page.page.screenshot(path=folder / f"page-{width}.png", full_page=True)

    # values: from above everywhere, on the surface where it is seen
    check_values(page, surface, "train_loss", "canvas.plane", [(0.5, 0.5), (0.3, 0.7), (0.7, 0.8)])
    check_values(page, surface, "train_loss", "canvas.solid", [(0.45, 0.45), (0.5, 0.4)])

    # turning, by mouse and by keys; back again
    start = page.shot("canvas.solid")
    solid = page.page.locator("canvas.solid").first
    box = solid.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x + 120, y + 20, steps=6)
    page.page.mouse.up()
    turned = page.shot("canvas.solid")
    assert differs(start, turned) > 0.05, "a drag does not turn the surface"
    page.page.screenshot(path=folder / f"page-{width}-turned.png", full_page=True)
    solid.focus()
    page.page.keyboard.press("ArrowRight")
    assert differs(turned, page.shot("canvas.solid")) > 0.01, "keys do not turn the surface"
    page.page.locator("#reset").click()
    page.page.mouse.move(1, 1)
    before = page.shot("canvas.solid")
    assert differs(start, before) < 0.01, "the view is not reset"
    page.page.mouse.move(x, y)
    page.page.mouse.wheel(0, -300)
    assert differs(before, page.shot("canvas.solid")) > 0.05, "the wheel does not zoom"
    page.page.locator("#reset").click()

    # the controls
    for change in (
        lambda: page.page.locator("#clip").fill("500"),
        lambda: page.page.locator("#log").click(),
        lambda: page.page.locator("#map").select_option("cividis"),
        lambda: page.page.locator("#quantity").select_option("test_acc"),
    ):
        before = page.shot("canvas.plane")
        change()
        assert differs(before, page.shot("canvas.plane")) > 0.05, "a control changes nothing"
    check_values(page, surface, "test_acc", "canvas.plane", [(0.5, 0.5)])
    assert "test accuracy" in page.page.locator("#readout").inner_text()
    plane = page.page.locator("canvas.plane").first
    plane.focus()
    before = page.page.locator("#readout").inner_text()
    page.page.keyboard.press("ArrowUp")
    assert page.page.locator("#readout").inner_text() != before, "keys do not move from point to point"
    page.page.screenshot(path=folder / f"page-{width}-accuracy.png", full_page=True)

    with page.page.expect_download() as download:
        page.page.locator("#save").click()
    saved = Image.open(download.value.path())
    assert saved.width > 300 and len(numpy.unique(numpy.asarray(saved.convert("RGB")).reshape(-1, 3), axis=0)) > 200
    page.page.locator("#provenance summary").click()
    assert page.page.locator("#provenance dd").count() > 2
    assert not page.wrong, page.wrong
    page.page.close()


def write_run(name, turn):
    """A path that turns by so many radians on its way to the middle."""
    path, t = folder / name, numpy.linspace(0, 1, 30)
    with h5py.File(path, "w") as f:
        f["proj_xcoord"], f["proj_ycoord"] = 0.9 * (1 - t) * numpy.cos(turn * t), 0.8 * (1 - t) * numpy.sin(turn * t)
    return path


def check_runs(browser):
    """Two surfaces with two runs each: both are there, and one alone."""
    runs = [part for turn in (2.5, -1.2) for part in ("--trajectory", write_run(f"run{turn}.h5", turn))]
    file = draw("two.html", gallery / "bowl.h5", gallery / "partial.h5", *runs, "--dark")
    page = Page(browser, file, 1300, 800)
    assert page.page.locator("figure:visible").count() == 2
    page.page.screenshot(path=folder / "page-two.png", full_page=True)
    page.page.locator("#surface").select_option(label="partial")
    assert page.page.locator("figure:visible").count() == 1
    found = page.value("canvas.plane", index=1, at=(0.5, 0.5))
    assert "computed" in found[2] or number(found[2]) > 0
    assert not page.wrong, page.wrong
    page.page.close()


def check_clip(browser):
    """What was cut off is hatched and said, and no hairlines of lines beyond it are on the floor."""
    file = draw("clip.html", gallery / "chaos.h5", "--clip", "300")
    page = Page(browser, file, 1300, 700)
    assert "at least 300" in page.value("canvas.plane", at=(0.16, 0.06))[2]
    page.page.mouse.move(1, 1)
    plane = numpy.asarray(page.shot("canvas.plane")).astype(int)
    h, w = plane.shape[:2]
    corner = plane[round(0.05 * h):round(0.12 * h), round(0.14 * w):round(0.2 * w)]
    yellow = (corner[..., 0] > 200) & (corner[..., 2] < 110)
    assert 0.3 < yellow.mean() < 0.95, f"{yellow.mean()} of what was cut off is not hatched"
    floor = numpy.asarray(page.shot("canvas.solid")).astype(int)
    floor = floor[round(0.62 * floor.shape[0]):, : round(0.85 * floor.shape[1])]
    yellow = (floor[..., 0] > 190) & (floor[..., 1] > 165) & (floor[..., 2] < 110)
    assert yellow.sum() < 15, f"{yellow.sum()} pixels of hairlines"
    page.page.screenshot(path=folder / "page-clip.png", full_page=True)
    assert not page.wrong, page.wrong
    page.page.close()


def check_large(browser):
    """Of a million points every third is shown, and the page says so."""
    surface = folder / "large.h5"
    axis = numpy.linspace(-1, 1, 1001)
    x, y = numpy.meshgrid(axis, axis)
    with h5py.File(surface, "w") as f:
        f["xcoordinates"], f["ycoordinates"] = axis, axis
        f["train_loss"] = 0.01 + 3 * (x**2 + y**2) + numpy.sin(9 * x) ** 2 * numpy.cos(7 * y) ** 2
        f["train_acc"] = 100 * numpy.exp(-f["train_loss"][:])
    file = draw("large.html", surface)
    assert file.stat().st_size < 5e6, file.stat().st_size
    page = Page(browser, file, 1300, 800)
    note = page.page.locator("figcaption").inner_text()
    assert "of 1001 × 1001" in note, note
    check_values(page, surface, "train_loss", "canvas.plane", [(0.4, 0.4)])
    page.page.screenshot(path=folder / "page-large.png", full_page=True)
    assert not page.wrong, page.wrong
    page.page.close()
    return file.stat().st_size


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS, timeout=0)
    surface = gallery / "chaos.h5"
    file = draw("page.html", surface, "--trajectory", write_run("path.h5", 2.5), "--title", TITLE)
    assert file.stat().st_size < 2.5e6
    for size in ((1300, 800), (390, 844)):
        explore(browser, file, surface, *size)
    check_runs(browser)
    check_clip(browser)
    large = check_large(browser)
    browser.close()
print(f"pages: {file.stat().st_size} bytes, {large} of 1001 × 1001 points; values, turning, controls, saving: ok")
