"""A font of squares for two characters that DejaVu Sans lacks, for the tests of `render --font`.

    python make.py    # made with fonttools 4.68
"""

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

pen = TTGlyphPen(None)
pen.moveTo((100, 0))
for corner in ((100, 700), (900, 700), (900, 0)):
    pen.lineTo(corner)
pen.closePath()
square, glyphs = pen.glyph(), [".notdef", "square"]
font = FontBuilder(1000, isTTF=True)
font.setupGlyphOrder(glyphs)
font.setupCharacterMap({0x640D: "square", 0x5931: "square"})
font.setupGlyf({name: square for name in glyphs})
font.setupHorizontalMetrics({name: (1000, 100) for name in glyphs})
font.setupHorizontalHeader(ascent=800, descent=-200)
names = {"familyName": "Squares", "styleName": "Regular", "psName": "Squares-Regular"}
font.setupNameTable(names)
font.setupOS2()
font.setupPost()
font.save("squares.ttf")
